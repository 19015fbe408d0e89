// The script that a page includes: reads its own tag, puts one widget on the page, and offers `window.Firstline`.
//
//   <script async src="https://support.example/widget.js" data-site="shop" data-language="en"></script>
//
// Further attributes: data-title, data-starters ("Where is my order?|How do I return something?"), data-theme ("light" or
// "dark"), data-manual (wait for Firstline.init). The window hears `firstline:ready` once the object is there.

import { LANGUAGES, pickLanguage, type Language } from "./texts";
import { FirstlineWidget, type WidgetOptions } from "./widget";

const ELEMENT = "firstline-widget";
/** Offered before the first question; more would hide the field on a phone. */
const MAX_STARTERS = 4;

/** All optional: what is left out comes from the script's tag. */
export interface InitOptions {
  server?: string;
  site?: string;
  language?: string;
  title?: string;
  starters?: readonly string[];
  theme?: string;
}

interface FirstlineGlobal {
  /** Puts the widget on the page; a second call replaces it, for instance in another language. */
  init: (options?: InitOptions) => void;
  open: () => void;
  close: () => void;
  toggle: () => void;
  /** Takes the widget off the page. The conversation is kept for the next visit. */
  destroy: () => void;
  languages: readonly Language[];
}

declare global {
  interface Window {
    Firstline?: FirstlineGlobal;
  }
}

// `currentScript` is there only while the script runs for the first time.
const tag = document.currentScript instanceof HTMLScriptElement ? document.currentScript : null;
let widget: FirstlineWidget | null = null;

function init(options: InitOptions = {}): void {
  widget?.destroy();
  if (customElements.get(ELEMENT) === undefined) customElements.define(ELEMENT, FirstlineWidget);
  const made = document.createElement(ELEMENT) as FirstlineWidget;
  widget = made;
  whenBodyIsThere(() => {
    if (widget !== made) return;
    document.body.append(made);
    made.start(settings(options));
  });
}

function settings(options: InitOptions): WidgetOptions {
  const said = tag?.dataset ?? {};
  const theme = options.theme ?? said["theme"];
  const starters = options.starters ?? (said["starters"] ?? "").split("|");
  return {
    server: new URL(options.server ?? "./", tag?.src || location.href).href.replace(/\/*$/, "/"),
    site: options.site ?? said["site"] ?? "default",
    language: pickLanguage([options.language, said["language"], document.documentElement.lang, ...navigator.languages]),
    title: options.title ?? said["title"] ?? null,
    starters: starters.map((text) => text.trim()).filter((text) => text !== "").slice(0, MAX_STARTERS),
    theme: theme === "light" || theme === "dark" ? theme : null,
  };
}

function whenBodyIsThere(deed: () => void): void {
  if (document.body !== null) deed();
  else document.addEventListener("DOMContentLoaded", deed, { once: true });
}

// A page that includes the script twice still gets one widget.
if (window.Firstline === undefined) {
  window.Firstline = {
    init,
    open: () => widget?.open(),
    close: () => widget?.close(),
    toggle: () => widget?.toggle(),
    destroy: () => {
      widget?.destroy();
      widget = null;
    },
    languages: LANGUAGES,
  };
  if (tag?.dataset["manual"] === undefined) init();
  window.dispatchEvent(new Event("firstline:ready"));
}
