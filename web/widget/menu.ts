// The few things that are seldom wanted: the conversation as a file or by mail, and going on elsewhere.

import { h } from "./elements";

export interface Entry {
  readonly label: string;
  readonly deed: () => void;
}

/** Opens the list below its button, and closes it again with the choice, with Escape and when the focus leaves. */
export function openMenu(button: HTMLElement, entries: readonly Entry[]): void {
  const around = button.parentElement;
  if (around === null) return;
  const stop = new AbortController();
  const close = (isFocusBack: boolean) => {
    stop.abort();
    list.remove();
    button.setAttribute("aria-expanded", "false");
    if (isFocusBack) button.focus({ preventScroll: true });
  };
  const choices = entries.map(({ label, deed }) => {
    const choose = () => {
      close(true);
      deed();
    };
    return h("button", { type: "button", onclick: choose }, label);
  });
  const list = h("div", { class: "menu" }, ...choices);
  around.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close(true);
    },
    { signal: stop.signal },
  );
  around.addEventListener("focusout", ({ relatedTarget }) => !around.contains(relatedTarget as Node | null) && close(false), { signal: stop.signal });
  button.addEventListener("click", () => close(true), { signal: stop.signal });
  button.setAttribute("aria-expanded", "true");
  around.append(list);
  choices[0]?.focus();
}
