// Joins the rules, the client and the panel. Loaded by the launcher's script when the panel is wanted; see main.ts.

import { CallFailed, Reserved, type Attachment } from "../shared/api";
import tokens from "../shared/tokens.css?inline";
import { Client, freshId, type Details } from "./client";
import conversationCss from "./conversation.css?inline";
import { dress } from "./elements";
import type { FirstlineAttributes, FirstlineEvents, FirstlineOptions } from "./firstline";
import { icon } from "./icons";
import type { Language } from "./language";
import type { Launcher } from "./launcher";
import { Panel, PHONE } from "./panel";
import { picture } from "./picture";
import * as rules from "./rules";
import { Notepad, Shelf } from "./shelf";
import { PLAIN_SITE, type Site } from "./site";
import { loadTexts, type Texts } from "./texts/texts";
import css from "./widget.css?inline";

/** Offered before the first question; more would hide the field on a phone. */
const MAX_STARTERS = 4;

export interface Settings {
  /** Where the server is, ending in a slash. */
  readonly server: string;
  readonly site: string;
  readonly language: Language;
  /** Above the panel; by default the site's, else "Support" in the language. */
  /** What the page said by the script's tag and by `init`. */
  readonly tag: DOMStringMap;
  readonly options: FirstlineOptions;
  readonly theme: "auto" | "light" | "dark" | undefined;
}

/** What the launcher's script gives to the panel. */
export interface Frame {
  readonly launcher: Launcher;
  readonly settings: Settings;
  readonly site: Partial<Site>;
  readonly emit: <E extends keyof FirstlineEvents>(event: E, detail: FirstlineEvents[E]) => void;
}

/** The panel as the launcher's script knows it. */
export interface Mounted {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  toggle(): void;
  ask(text: string): void;
  identify(token: string): void;
  logout(): void;
  setAttributes(attributes: FirstlineAttributes): void;
  /** A new page of a visit on which the panel may have been open. */
  recall(): void;
  destroy(): void;
}

export async function mount(frame: Frame): Promise<Mounted> {
  return new Widget({ ...frame, site: { ...PLAIN_SITE, ...frame.site } }, await loadTexts(frame.settings.language));
}

class Widget implements Mounted {
  isOpen = false;
  readonly #frame: Frame & { readonly site: Site };
  readonly #texts: Texts;
  readonly #panel: Panel;
  readonly #client: Client;
  readonly #notepad: Notepad;
  readonly #stop = new AbortController();
  #hasDetails: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What the page's listeners were told last. */
  #told: { readonly seq: number; readonly nUnseen: number; readonly phase: string; readonly barred: string | null };

  constructor(frame: Frame & { readonly site: Site }, texts: Texts) {
    const { launcher, settings, site } = frame;
    this.#frame = frame;
    this.#texts = texts;
    dress(launcher.root, tokens + conversationCss + css);
    this.#notepad = new Notepad(settings.site);
    const details = this.#notepad.read("details");
    this.#hasDetails = site.pre_chat.length === 0 || details !== "";
    this.#client = new Client({
      server: settings.server,
      site: settings.site,
      language: settings.language,
      shelf: new Shelf(settings.site),
      keepDays: site.keep_days,
      onChange: () => this.#show(),
      onBadIdentity: () => frame.emit("identity", "bad_identity"),
    });
    if (details !== "") this.#client.fillsIn(JSON.parse(details) as Details);
    this.#panel = this.#build();
    launcher.wrap.prepend(this.#panel.root);
    launcher.button.append(icon("down"));
    const files = this.#notepad.read("files");
    this.#panel.begin(files === "" ? [] : (JSON.parse(files) as Attachment[]));
    this.#panel.write(this.#notepad.read("draft"));
    const { state } = this.#client;
    this.#told = { seq: state.turns.at(-1)?.seq ?? 0, nUnseen: -1, phase: state.phase?.name ?? "", barred: null };
    this.#listen();
    this.#show();
  }

  open(): void {
    if (this.isOpen) return;
    this.#setOpen(true);
    this.#panel.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    const hadFocus = this.#frame.launcher.root.activeElement !== null;
    this.#setOpen(false);
    if (hadFocus) this.#frame.launcher.button.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  ask(text: string): void {
    this.open();
    if (!this.#says(text, [])) this.#panel.write(text);
  }

  identify(token: string): void {
    this.#client.identifies(token);
  }

  logout(): void {
    this.#client.signsOut();
    for (const note of ["draft", "details", "files"] as const) this.#notepad.write(note, "");
    this.#hasDetails = this.#frame.site.pre_chat.length === 0;
    this.#panel.clear();
    this.close();
    this.#show();
  }

  setAttributes(attributes: FirstlineAttributes): void {
    this.#client.describes(attributes);
  }

  recall(): void {
    // On a phone the panel hides the page, so there a new page begins without it.
    if (this.#notepad.read("open") === "yes" && !window.matchMedia(PHONE).matches) this.#setOpen(true);
  }

  destroy(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#client.destroy();
    this.#panel.destroy();
  }

  #build(): Panel {
    const { settings, site } = this.#frame;
    const options = {
      texts: this.#texts,
      language: settings.language,
      server: settings.server,
      site,
      title: settings.options.title ?? settings.tag["title"] ?? site.look.title ?? this.#texts.title,
      // Questions to tap before anything was said.
      starters: (settings.options.starters ?? settings.tag["starters"]?.split("|") ?? []).map((text) => text.trim()).filter((text) => text !== "").slice(0, MAX_STARTERS),
    };
    const client = this.#client;
    const notepad = this.#notepad;
    return new Panel(options, {
      closes: () => this.close(),
      says: (text, files) => this.#says(text, files),
      drafts: (text) => notepad.write("draft", text),
      keepsFiles: (files) => notepad.write("files", files.length === 0 ? "" : JSON.stringify(files)),
      uploadTo: (name) => client.address(`attachments?client_id=${freshId()}&name=${encodeURIComponent(name)}`),
      types: (isTyping) => client.types(isTyping),
      taps: (button) => client.taps({ article: button.option, title: button.title }),
      judges: (seq, helped) => client.judges(seq, helped),
      rates: (score, comment) => client.rates(score, comment),
      edits: (clientId, text) => {
        client.withdraws(clientId);
        this.#panel.write(text);
        this.#panel.focus();
      },
      retries: () => client.wakes(),
      asksForPerson: () => client.taps({ article: Reserved.human, title: this.#texts.person }),
      asksForBot: () => client.taps({ article: Reserved.backToBot, title: this.#texts.backToBot }),
      fillsIn: (details) => {
        notepad.write("details", JSON.stringify(details));
        this.#hasDetails = true;
        client.fillsIn(details);
        this.#show();
        this.#panel.focus();
      },
      runs: async (errand) => {
        try {
          await errand(client);
          return null;
        } catch (error) {
          const isRefused = error instanceof CallFailed && error.failure.kind === "problem" && error.failure.problem.status === 422;
          return isRefused ? "refused" : "failed";
        }
      },
    });
  }

  #says(text: string, files: readonly Attachment[]): boolean {
    if (this.#wantsDetails() || !rules.canSay(this.#client.state, text, files)) return false;
    this.#client.says(text, files);
    return true;
  }

  #wantsDetails(): boolean {
    return !this.#hasDetails && this.#client.state.held === null && this.#client.state.pending.length === 0;
  }

  #setOpen(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.#notepad.write("open", isOpen ? "yes" : "");
    this.#client.looks(isOpen);
    this.#frame.launcher.shows(isOpen ? this.#texts.closePanel : null);
    this.#show();
    this.#frame.emit(isOpen ? "open" : "close", undefined);
  }

  #listen(): void {
    const { signal } = this.#stop;
    window.addEventListener("online", () => this.#client.wakes(), { signal });
    window.addEventListener("pagehide", () => this.#client.sleeps(), { signal });
    window.addEventListener("pageshow", () => this.#client.wakes(), { signal });
    const looksAgain = () => {
      if (document.hidden) return;
      this.#client.wakes();
      this.#show();
    };
    document.addEventListener("visibilitychange", looksAgain, { signal });
  }

  #show(): void {
    const client = this.#client;
    // The client may speak before everything is built.
    if (this.#panel === undefined || this.#stop.signal.aborted) return;
    const now = Date.now();
    if (this.isOpen && !document.hidden) client.sees();
    const shown = picture(client.state, this.isOpen, this.#wantsDetails(), now);
    this.#panel.show(shown);
    this.#frame.launcher.counts(shown.nUnseen);
    this.#tell(shown.nUnseen);
    clearTimeout(this.#timer);
    const until = shown.typing !== null ? rules.TYPING_LASTS_MS : shown.isAwaiting ? rules.LONGEST_AWAITING_MS : null;
    if (until !== null) this.#timer = setTimeout(() => this.#show(), until);
  }

  /** What the page may want to know. */
  #tell(nUnseen: number): void {
    const { emit } = this.#frame;
    const { turns, phase, barred } = this.#client.state;
    const before = this.#told;
    this.#told = { seq: turns.at(-1)?.seq ?? 0, nUnseen, phase: phase?.name ?? "", barred };
    for (const { by, kind, text } of turns.filter((turn) => turn.seq > before.seq)) emit("turn", { by, kind, text });
    if (nUnseen !== before.nUnseen) emit("unread", nUnseen);
    if (phase !== null && phase.name !== before.phase) emit("phase", phase.name);
    if (barred !== null && barred !== before.barred) emit("identity", barred);
  }
}
