// Types of `window.Firstline`, for sites that are written in TypeScript. Served as /widget.d.ts.

export type FirstlineLanguage = "en" | "zh-Hans" | "zh-Hant" | "ru";

/** All optional: what is left out comes from the script's tag (`data-…`), then from the server's configuration of the site. */
export interface FirstlineOptions {
  /** Where the server is; by default where the script came from. */
  server?: string;
  site?: string;
  language?: string;
  title?: string;
  /** Questions to tap before anything was said; at most four. */
  starters?: readonly string[];
  theme?: "auto" | "light" | "dark";
  /** A token that the site signed for its own user. */
  identity?: string;
  attributes?: FirstlineAttributes;
}

/** What the page knows of its visitor, shown to agents as unproven. `null` takes one back. */
export type FirstlineAttributes = Readonly<Record<string, string | number | boolean | null>>;

export interface FirstlineEvents {
  /** The launcher is on the page. */
  ready: undefined;
  open: undefined;
  close: undefined;
  /** Something was said that this visitor had not seen; also the visitor's own words. */
  turn: { readonly by: "customer" | "bot" | "agent" | "system"; readonly kind: string; readonly text: string };
  /** Replies that have not been seen. */
  unread: number;
  phase: "with_bot" | "waiting" | "with_agent" | "resolved";
  /** The server wants a (fresh) identity token before it opens a conversation: call `identify`. */
  identity: "identity_required" | "bad_identity";
}

export interface FirstlineApi {
  /** Puts the widget on the page; a second call replaces it. */
  init(options?: FirstlineOptions): void;
  open(): void;
  close(): void;
  toggle(): void;
  /** Ties the conversation to a customer of the site. A token for somebody else begins a conversation of their own. */
  identify(token: string): void;
  /** The visitor signed out: the conversation and every text are gone from this browser. */
  logout(): void;
  setAttributes(attributes: FirstlineAttributes): void;
  setLanguage(language: string): void;
  /** Opens the panel and asks. */
  ask(text: string): void;
  /** Returns how to stop listening. */
  on<E extends keyof FirstlineEvents>(event: E, heard: (detail: FirstlineEvents[E]) => void): () => void;
  /** Takes the widget off the page. The conversation is kept for the next visit. */
  destroy(): void;
  readonly languages: readonly FirstlineLanguage[];
}

declare global {
  interface Window {
    /** There from the event `firstline:ready` on. */
    Firstline?: FirstlineApi;
  }
}
