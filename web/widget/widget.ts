// Joins the rules, the client and the panel into one element, <firstline-widget>.

import { Reserved } from "../shared/api";
import tokens from "../shared/tokens.css?inline";
import { Client } from "./client";
import conversationCss from "./conversation.css?inline";
import { dress } from "./dom";
import { Panel } from "./panel";
import { picture } from "./picture";
import * as rules from "./rules";
import { Notepad, Shelf } from "./shelf";
import { TEXTS, type Language } from "./texts";
import css from "./widget.css?inline";

export interface WidgetOptions {
  /** Where the server is, ending in a slash. */
  server: string;
  site: string;
  language: Language;
  /** Above the panel; by default "Support" in the language. */
  title: string | null;
  /** Questions to tap before anything was said. */
  starters: readonly string[];
  /** For pages that are only light or only dark. */
  theme: "light" | "dark" | null;
}

export class FirstlineWidget extends HTMLElement {
  #panel: Panel | null = null;
  #client: Client | null = null;
  #notepad: Notepad | null = null;
  #isOpen = false;
  #dotsTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #stop = new AbortController();

  start(options: WidgetOptions): void {
    const root = this.attachShadow({ mode: "open" });
    dress(root, tokens + conversationCss + css);
    if (options.theme !== null) this.dataset["theme"] = options.theme;
    const texts = TEXTS[options.language];
    const notepad = new Notepad(options.site);
    const panel = new Panel(texts, options.language, options.title ?? texts.title, options.starters, {
      opens: () => this.open(),
      closes: () => this.close(),
      says: (text) => {
        if (!rules.canSay(client.state, text)) return false;
        client.says(text);
        return true;
      },
      drafts: (text) => notepad.write("draft", text),
      taps: (button) => client.taps({ article: button.option, title: button.title }),
      judges: (seq, helped) => client.judges(seq, helped),
      rates: (score, comment) => client.rates(score, comment),
      edits: (clientId, text) => {
        client.withdraws(clientId);
        panel.write(text);
        panel.focus();
      },
      retries: () => client.wakes(),
      asksForPerson: () => client.taps({ article: Reserved.human, title: texts.person }),
      asksForBot: () => client.taps({ article: Reserved.backToBot, title: texts.backToBot }),
    });
    const client = new Client({
      server: options.server,
      site: options.site,
      language: options.language,
      shelf: new Shelf(options.site),
      onChange: () => this.#show(),
    });
    this.#panel = panel;
    this.#client = client;
    this.#notepad = notepad;
    root.append(panel.root);
    panel.write(notepad.read("draft"));
    // On a phone the panel hides the page, so there a new page begins without it.
    const wasOpen = notepad.read("open") === "yes" && !window.matchMedia("(max-width: 540px)").matches;
    if (wasOpen) this.#setOpen(true);
    else this.#show();
    this.#listen();
  }

  open(): void {
    if (this.#isOpen) return;
    this.#setOpen(true);
    this.#panel?.focus();
  }

  close(): void {
    if (!this.#isOpen) return;
    const hadFocus = this.shadowRoot?.activeElement != null;
    this.#setOpen(false);
    if (hadFocus) this.#panel?.focusLauncher();
  }

  toggle(): void {
    if (this.#isOpen) this.close();
    else this.open();
  }

  destroy(): void {
    this.#stop.abort();
    clearTimeout(this.#dotsTimer);
    this.#client?.destroy();
    this.#panel?.destroy();
    this.#client = null;
    this.#panel = null;
    this.remove();
  }

  #setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#notepad?.write("open", isOpen ? "yes" : "");
    this.#client?.looks(isOpen);
    this.#show();
  }

  #listen(): void {
    const { signal } = this.#stop;
    window.addEventListener("online", () => this.#client?.wakes(), { signal });
    window.addEventListener("pagehide", () => this.#client?.sleeps(), { signal });
    window.addEventListener("pageshow", () => this.#client?.wakes(), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden) return;
        this.#client?.wakes();
        this.#show();
      },
      { signal },
    );
  }

  #show(): void {
    const client = this.#client;
    const panel = this.#panel;
    if (client === null || panel === null) return;
    const now = Date.now();
    if (this.#isOpen && !document.hidden) client.sees();
    panel.show(picture(client.state, this.#isOpen, now));
    clearTimeout(this.#dotsTimer);
    if (rules.isAwaiting(client.state, now)) this.#dotsTimer = setTimeout(() => this.#show(), rules.LONGEST_AWAITING_MS);
  }
}
