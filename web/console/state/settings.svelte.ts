// What the reader chose for themselves, kept on this machine: language and appearance.

import { LANGUAGES, say, type Fill, type Key, type Language } from "../texts";
import { shelfInMemory, type Shelf } from "../rules/drafts";
import { chooseLanguage, localeOf } from "../rules/words";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const LANGUAGE_AT = "firstline.language";
const THEME_AT = "firstline.theme";

/** Touching `localStorage` throws where the browser forbids it. */
export const shelf: Shelf = (() => {
  try {
    localStorage.getItem(LANGUAGE_AT);
    return localStorage;
  } catch {
    return shelfInMemory();
  }
})();

export const settings = new (class Settings {
  #language = $state<Language>(chooseLanguage(shelf.getItem(LANGUAGE_AT), navigator.languages));
  #theme = $state<Theme>(THEMES.find((theme) => theme === shelf.getItem(THEME_AT)) ?? "auto");

  get language() {
    return this.#language;
  }

  set language(language: Language) {
    if (!LANGUAGES.includes(language)) return;
    this.#language = language;
    keep(LANGUAGE_AT, language);
  }

  /** For dates and times. */
  get locale() {
    return localeOf(this.#language, navigator.languages);
  }

  get theme() {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    keep(THEME_AT, theme);
  }
})();

/** The text in the reader's language; read inside a component, it follows the switch. */
export function t(key: Key, fill?: Fill): string {
  return say(settings.language, key, fill);
}

function keep(name: string, value: string) {
  try {
    shelf.setItem(name, value);
  } catch {
    // A full shelf forgets the choice with the page.
  }
}
