// Speaks to a visitor who may need help, by the site's rules: at most once a visit, never to one who has talked here already.
// Loaded only on sites that have such rules.

import { draw, dress, h } from "./elements";
import type { Language } from "./language";
import type { Launcher } from "./launcher";
import css from "./proactive.css?inline";
import { speaks, type Proactive } from "./rules_of_page";
import { openBox, storeName } from "./storage";
import type { Settings } from "./widget";

/** Between two looks at what the rules ask for. */
const LOOK_MS = 1_000;

const DISMISS: Readonly<Record<Language, string>> = { en: "Dismiss", "zh-Hans": "关闭", "zh-Hant": "關閉", ru: "Скрыть" };

/** Watches until a rule speaks. `isBusy` says that the customer has opened the panel. Returns how to stop. */
export function watch({ site, language }: Settings, rules: readonly Proactive[], launcher: Launcher, isBusy: () => boolean, open: () => void): () => void {
  const visit = openBox(() => sessionStorage);
  const spoken = `${storeName(site)}.spoken`;
  if (visit.getItem(spoken) !== null || openBox(() => localStorage).getItem(storeName(site)) !== null) return () => {};
  const since = Date.now();
  let teaser: HTMLElement | null = null;
  const timer = setInterval(() => {
    if (isBusy()) return stop();
    if (teaser !== null) return;
    const { scrollHeight, clientHeight, scrollTop } = document.documentElement;
    const scrolled = scrollHeight > clientHeight ? (100 * scrollTop) / (scrollHeight - clientHeight) : 100;
    const rule = rules.find((rule) => speaks(rule, location.pathname, (Date.now() - since) / 1_000, scrolled));
    if (rule === undefined) return;
    visit.setItem(spoken, "yes");
    dress(launcher.root, css);
    teaser = say(rule.text);
  }, LOOK_MS);

  /** Says nothing aloud and takes no focus: nobody asked for it. */
  function say(text: string): HTMLElement {
    const words = h("button", { type: "button", onclick: open }, text);
    const dismiss = h("button", { type: "button", "aria-label": DISMISS[language], onclick: () => stop() }, draw("close", "M6 6l12 12M18 6L6 18"));
    const said = h("div", { class: "teaser" }, words, dismiss);
    launcher.wrap.prepend(said);
    return said;
  }

  function stop(): void {
    clearInterval(timer);
    teaser?.remove();
  }

  return stop;
}
