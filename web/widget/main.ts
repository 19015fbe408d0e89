// The script that a page includes: reads its own tag, puts the launcher on the page, and offers `window.Firstline`. The panel
// is loaded when somebody opens it, or when a conversation may bring news by itself. Small: every visitor loads it.
//
//   <script async src="https://support.example/widget.js" data-site="shop" data-language="en"></script>
//
// docs/widget.md describes the attributes and the methods; firstline.d.ts is their types. The window hears `firstline:ready`.

import type { FirstlineApi, FirstlineEvents, FirstlineOptions } from "./firstline";
import { LANGUAGES, pickLanguage } from "./language";
import { launch } from "./launcher";
import type { Saved } from "./rules";
import { askSite } from "./site";
import { storeName } from "./storage";
import type { Mounted, Settings } from "./widget";

/** The two modules that may be loaded later, as the build named them. */
declare const PANEL: string;
declare const PROACTIVE: string;

type Calls = Pick<Mounted, "open" | "close" | "toggle" | "ask" | "identify" | "logout" | "setAttributes" | "recall">;
type Call = { [N in keyof Calls]: readonly [N, ...Parameters<Calls[N]>] }[keyof Calls];
type Listener = (detail: unknown) => void;

/** One widget on the page. */
interface OnPage {
  call(...call: Call): void;
  destroy(): void;
}

// `currentScript` is there only while the script runs for the first time.
const tag = document.currentScript as HTMLScriptElement | null;
const said = tag?.dataset ?? {};
const listeners = new Map<string, Set<Listener>>();
let options: FirstlineOptions = {};
let page: OnPage | undefined;
/** What the page said of its visitor; another panel in the same page should know it too. */
let told: Call[] = [];
let nLoads = 0;

function putOnPage(settings: Settings): OnPage {
  const { server, site: name } = settings;
  const store = storeName(name);
  const site = askSite(server, name, settings.language);
  const launcher = launch(settings.language, () => call(panel?.isOpen ? "close" : "open"));
  const news = new BroadcastChannel(store);
  let mounting: Promise<Mounted> | undefined;
  let panel: Mounted | undefined;
  let isGone = false;
  let hush = () => {};
  news.onmessage = ({ data }) => panel ?? launcher.counts(data.unseen ?? 0);

  const mount = async () => {
    // A failed import stays failed under its name in some browsers.
    const again = nLoads++ ? `?again=${nLoads}` : "";
    const module: typeof import("./widget") = await import(/* @vite-ignore */ server + PANEL + again);
    return module.mount({ launcher, settings, site: await site, emit });
  };

  const call = async (...call: Call) => {
    const [method, ...words] = call;
    if (!panel && /^(close|ident|set)/.test(method)) return;
    try {
      launcher.button.setAttribute("aria-busy", "true");
      const isFirst = !panel;
      panel = await (mounting ??= mount());
      if (isGone) return panel.destroy();
      if (isFirst) for (const [method, ...words] of told) (panel[method] as Listener)(...(words as [unknown]));
      (panel[method] as Listener)(...(words as [unknown]));
    } catch (error) {
      // The next press tries again.
      mounting = undefined;
      console.warn("Firstline:", error);
    } finally {
      launcher.button.removeAttribute("aria-busy");
    }
  };

  // The launcher wears the site's look from its first moment, so that nothing changes under the visitor's eye.
  const begin = async () => {
    const { look, proactive = [] } = await site;
    if (isGone) return;
    launcher.wears({ ...look, ...(settings.theme && { theme: settings.theme }) });
    document.body.append(launcher.root.host);
    emit("ready", undefined);
    // What an earlier page left: an open panel is opened again, and whoever waits for a person hears of it on any page.
    try {
      const { phase, unseen }: Partial<Saved> = JSON.parse(localStorage.getItem(store) ?? "{}");
      launcher.counts(unseen ?? 0);
      if (/^wait|agent/.test(phase?.name ?? "") || sessionStorage.getItem(`${store}.open`)) void call("recall");
    } catch {
      // The browser keeps nothing for us.
    }
    if (!proactive.length) return;
    const module: typeof import("./proactive") = await import(/* @vite-ignore */ server + PROACTIVE);
    if (!isGone) hush = module.watch(settings, proactive, launcher, () => !!mounting, () => call("open"));
  };

  void begin();
  return {
    call,
    destroy: () => {
      isGone = true;
      hush();
      news.close();
      panel?.destroy();
      launcher.destroy();
    },
  };
}

function emit<E extends keyof FirstlineEvents>(event: E, detail: FirstlineEvents[E]): void {
  // Apart, so that the page's own mistake does not stop ours.
  for (const heard of listeners.get(event) ?? []) queueMicrotask(() => heard(detail));
}

function init(given: FirstlineOptions = {}): void {
  const { identity = said["identity"], attributes } = given;
  if (identity) told.push(["identify", identity]);
  if (attributes) told.push(["setAttributes", attributes]);
  show(given);
}

function show(given: FirstlineOptions): void {
  options = given;
  page?.destroy();
  const begin = () => {
    if (options === given) page = putOnPage(settings(given));
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin, { once: true });
}

function settings(options: FirstlineOptions): Settings {
  return {
    server: new URL(options.server ?? "./", tag?.src || location.href).href.replace(/\/*$/, "/"),
    site: options.site ?? said["site"] ?? "default",
    language: pickLanguage([options.language, said["language"], document.documentElement.lang, ...navigator.languages]),
    tag: said,
    options,
    theme: options.theme ?? (said["theme"] as Settings["theme"]),
  };
}

const call = (...what: Call) => page?.call(...what);
const keep = (...what: Call) => {
  told.push(what);
  call(...what);
};

// A page that includes the script twice still gets one widget.
if (!window.Firstline) {
  const api: FirstlineApi = {
    init,
    open: () => call("open"),
    close: () => call("close"),
    toggle: () => call("toggle"),
    ask: (text) => call("ask", text),
    identify: (token) => keep("identify", token),
    setAttributes: (attributes) => keep("setAttributes", attributes),
    logout: () => {
      told = [];
      call("logout");
    },
    setLanguage: (language) => show({ ...options, language }),
    on: (event, heard) => {
      const heards = listeners.get(event) ?? new Set();
      listeners.set(event, heards.add(heard as Listener));
      return () => heards.delete(heard as Listener);
    },
    destroy: () => {
      options = {};
      page = page?.destroy() as undefined;
    },
    languages: LANGUAGES,
  };
  window.Firstline = api;
  if (!("manual" in said)) init();
  dispatchEvent(new Event("firstline:ready"));
}
