// What is on the page before the panel is: the element, its shadow root, the launcher and its badge. Small: every visitor loads it.

import { draw, dress, h } from "./elements";
import type { Language } from "./language";
import css from "./launcher.css?inline";
import type { Look } from "./site";

const ELEMENT = "firstline-widget";

const OPEN: Readonly<Record<Language, string>> = { en: "Open support", "zh-Hans": "打开客服", "zh-Hant": "開啟客服", ru: "Открыть поддержку" };

export interface Launcher {
  readonly root: ShadowRoot;
  /** Everything stands in here. */
  readonly wrap: HTMLElement;
  readonly button: HTMLButtonElement;
  wears(look: Look): void;
  /** `close` names the launcher while the panel is open; else null. */
  shows(close: string | null): void;
  counts(nUnseen: number): void;
  destroy(): void;
}

export function launch(language: Language, pressed: () => void): Launcher {
  if (!customElements.get(ELEMENT)) customElements.define(ELEMENT, class extends HTMLElement {});
  const host = document.createElement(ELEMENT);
  const root = host.attachShadow({ mode: "open" });
  const badge = h("span", { class: "badge" });
  const label = h("span", { class: "label" });
  const ask = draw("ask", "M4 4h16v12H9l-5 5zM8 10h.01M12 10h.01M16 10h.01");
  const button = h("button", { type: "button", class: "launcher", onclick: pressed }, ask, label, badge);
  const wrap = h("div", { class: "firstline", lang: language }, button);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let look: Look = {};
  let close: string | null = null;
  let nUnseen = 0;

  const name = () => {
    const n = close ? 0 : nUnseen;
    badge.hidden = !n;
    badge.textContent = n > 9 ? "9+" : `${n}`;
    // What can be read stands first in the name (WCAG 2.2, 2.5.3).
    const open = (look.launcher ? `${look.launcher} – ` : "") + OPEN[language] + (n ? ` (${n})` : "");
    button.setAttribute("aria-label", close ?? open);
    button.setAttribute("aria-expanded", `${!!close}`);
  };
  const paint = () => {
    const ground = look.theme === "dark" || (look.theme !== "light" && dark.matches) ? "dark" : "light";
    host.dataset["theme"] = ground;
    for (const [name, value] of Object.entries(look.style?.[ground] ?? {})) wrap.style.setProperty(name, value);
  };

  dress(root, css);
  root.append(wrap);
  dark.addEventListener("change", paint);
  return {
    root,
    wrap,
    button,
    wears: (given) => {
      look = given;
      wrap.classList.toggle("left", look.position === "left");
      label.textContent = look.launcher ?? "";
      label.hidden = !look.launcher;
      paint();
      name();
    },
    shows: (given) => {
      close = given;
      wrap.classList.toggle("open", !!close);
      name();
    },
    counts: (n) => {
      nUnseen = n;
      name();
    },
    destroy: () => {
      dark.removeEventListener("change", paint);
      host.remove();
    },
  };
}
