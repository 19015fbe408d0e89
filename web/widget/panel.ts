// The panel as elements: built once, then shown as told. Decides nothing about the conversation.

import type { Attachment } from "../shared/api";
import type { Cards, Places } from "./cards";
import type { Client } from "./client";
import { Composer, type ComposerWishes } from "./composer";
import { h } from "./elements";
import { icon } from "./icons";
import type { Language } from "./language";
import { Log, showTime, type LogWishes } from "./log";
import type { Shown } from "./picture";
import type { Rates } from "./rating";
import { Scroller } from "./scroller";
import type { Site } from "./site";
import { loadMoreTexts, type Texts } from "./texts/texts";

/** The panel fills such a screen. The same condition stands in widget.css. */
export const PHONE = "(max-width: 540px), (max-height: 480px) and (pointer: coarse)";
/** A short break is not worth a word. */
const RECONNECTING_AFTER_MS = 1_500;

type Values = Readonly<Record<string, string>>;

export interface Wishes extends LogWishes, Omit<ComposerWishes, "says"> {
  closes: () => void;
  /** Returns whether the text was taken; else it stays in the field. */
  says: (text: string, files: readonly Attachment[]) => boolean;
  types: (isTyping: boolean) => void;
  retries: () => void;
  asksForPerson: () => void;
  asksForBot: () => void;
  rates: Rates;
  fillsIn: (details: Values) => void;
  /** Resolves with null when it is done; `refused` when the server did not like the words. */
  runs: (errand: (client: Client) => Promise<void>) => Promise<"refused" | "failed" | null>;
}

export interface PanelOptions {
  readonly texts: Texts;
  readonly language: Language;
  readonly server: string;
  readonly site: Site;
  readonly title: string;
  readonly starters: readonly string[];
}

export class Panel {
  readonly root: HTMLElement;
  readonly #o: PanelOptions;
  readonly #t: Texts;
  readonly #wishes: Wishes;
  readonly #log: Log;
  readonly #composer: Composer;
  readonly #scroller: Scroller;
  readonly #more: HTMLElement;
  readonly #phone = window.matchMedia(PHONE);
  readonly #stop = new AbortController();
  readonly #face = h("div", { class: "face", "aria-hidden": "true" });
  readonly #subtitle = h("p", { class: "subtitle" });
  readonly #starters: HTMLElement;
  readonly #renewed: HTMLElement;
  readonly #dots = h("div", { class: "dots", role: "status" });
  readonly #unsent = h("div", { class: "trouble", role: "status" });
  readonly #places: Places = { before: h("div", {}), rating: h("div", {}), contact: h("div", {}), aside: h("div", {}) };
  readonly #status = h("div", { class: "status", role: "status" });
  readonly #person: HTMLButtonElement;
  readonly #barred: HTMLElement;
  readonly #footer: HTMLElement;
  #shown: Shown | null = null;
  #isOpen = false;
  #cards: Promise<Cards> | null = null;
  #cutOffSince: number | null = null;
  #scrollLock: string | null = null;

  constructor(options: PanelOptions, wishes: Wishes) {
    const { texts: t, language, site, title, starters } = options;
    this.#o = options;
    this.#t = t;
    this.#wishes = wishes;
    this.#log = new Log(t, language, options.server, wishes);
    this.#composer = new Composer(t, language, site.attachments, {
      ...wishes,
      drafts: (text) => {
        wishes.drafts(text);
        if (this.#isOpen) wishes.types(text !== "");
      },
    });
    this.#starters = h(
      "div",
      { class: "options" },
      ...starters.map((text) => h("button", { type: "button", class: "option", onclick: () => this.#saysAndStays(text) }, text)),
    );
    this.#renewed = h("p", { class: "renewed" }, t.renewed);
    const intro = h("div", { class: "intro" }, h("p", { class: "hello" }, site.look.greeting ?? t.intro), h("p", {}, t.introMore));
    const { before, rating, contact, aside } = this.#places;
    this.#scroller = new Scroller(t.log, t.latest, [
      intro,
      before,
      this.#starters,
      this.#renewed,
      this.#log.root,
      this.#dots,
      this.#unsent,
      rating,
      contact,
      aside,
    ]);
    this.#person = h("button", { type: "button", class: "person", onclick: () => wishes.asksForPerson() }, icon("person"), t.person);
    this.#barred = h("p", { class: "barred", role: "status" }, t.signIn);
    this.#footer = h("footer", {}, this.#status, this.#barred, this.#person, this.#composer.root);
    const more = h("button", { type: "button", class: "close", "aria-label": t.more, "aria-expanded": "false" }, icon("more"));
    more.addEventListener("click", () => {
      if (more.getAttribute("aria-expanded") === "false") this.#withCards((cards) => cards.menu(more));
    });
    this.#more = h("div", { class: "more" }, more);
    const close = h("button", { type: "button", class: "close", "aria-label": t.closePanel, onclick: () => wishes.closes() }, icon("close"));
    const header = h("header", {}, this.#face, h("div", { class: "titles" }, h("h2", {}, title), this.#subtitle), this.#more, close);
    const drop = h("div", { class: "drop", "aria-hidden": "true" }, t.dropHere);
    this.root = h("section", { class: "panel", role: "dialog", "aria-label": title, tabindex: "-1", hidden: true }, header, this.#scroller.root, this.#footer, drop);
    this.root.lang = language;
    this.#listen();
  }

  /** The panel stands in its place: what needs its surroundings comes now. */
  begin(files: readonly Attachment[]): void {
    void this.#composer.takes(files);
  }

  destroy(): void {
    this.#stop.abort();
    this.#unlockScroll();
    this.root.remove();
  }

  /** Puts the customer where they can write, without throwing up a phone's keyboard. */
  focus(): void {
    const first = this.#shown?.wantsDetails ? this.#places.before.querySelector("input") : null;
    const isCoarse = window.matchMedia("(pointer: coarse)").matches;
    const target = isCoarse || this.#shown?.isBarred ? this.root : (first ?? this.#composer.field);
    target.focus({ preventScroll: true });
  }

  /** Puts a text back into the field, before what is there. */
  write(text: string): void {
    this.#composer.write(text);
  }

  clear(): void {
    this.#composer.clear();
    this.#places.aside.replaceChildren();
  }

  show(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    const hadFocus = this.#focused() !== null;
    const firstNew = this.#log.show(shown.lines);
    const isAsked = shown.wantsDetails;
    this.#starters.hidden = isAsked || shown.lines.length > 0;
    this.#composer.root.hidden = isAsked || shown.isBarred;
    this.#barred.hidden = !shown.isBarred;
    this.#renewed.hidden = !shown.isRenewed;
    this.#showDots(shown);
    this.root.dataset["phase"] = shown.phase;
    this.#showHeader(shown);
    this.#more.hidden = !shown.hasTurns;
    this.#showUnsent(before, shown);
    this.#showStatus(shown);
    this.#person.hidden = !shown.canAskForPerson || shown.isBarred || isAsked;
    if (this.#isOpen !== shown.isOpen) this.#showOpen(shown.isOpen);
    const isCard = isAsked || shown.contact !== "none" || shown.rating.is !== "none";
    if (isCard || this.#cards !== null) this.#withCards((cards) => this.#shown !== null && cards.show(this.#shown));
    // What the focus was on may be gone or disabled now.
    if (hadFocus && this.#focused() === null && shown.isOpen) this.focus();
    // Only from now on: the first lines are history, not news.
    if (before !== null) this.#log.root.setAttribute("aria-live", "polite");
    const isOwn = shown.lines.length > (before?.lines.length ?? 0) && shown.lines.at(-1)?.by === "customer";
    this.#scroller.follow(firstNew, isOwn, (shown.typing !== null && before?.typing === null), before !== null);
  }

  // ---- Parts ----------------------------------------------------------------------------------------------------

  #showHeader({ phase, agent }: Shown): void {
    const subtitle = {
      with_bot: this.#t.withBot,
      waiting: this.#t.waiting,
      with_agent: agent === null ? "" : this.#t.withAgent(agent.name),
      resolved: this.#t.resolved,
    }[phase];
    if (this.#subtitle.textContent !== subtitle) this.#subtitle.textContent = subtitle;
    const of = [phase, agent?.name, agent?.avatar].join();
    if (this.#face.dataset["of"] === of) return;
    this.#face.dataset["of"] = of;
    const initial = [...(agent?.name ?? "")][0] ?? "";
    const picture = agent?.avatar && h("img", { src: this.#o.server + agent.avatar.replace(/^\//, ""), alt: "" });
    this.#face.replaceChildren(picture || initial || icon(phase === "waiting" ? "clock" : "ask"));
  }

  #showDots({ isAwaiting, typing }: Shown): void {
    const words = typing !== null ? this.#t.typing(typing) : isAwaiting ? this.#t.looking : "";
    this.#dots.hidden = words === "";
    this.#dots.classList.toggle("typing", typing !== null);
    if (this.#dots.dataset["of"] === words) return;
    this.#dots.dataset["of"] = words;
    this.#dots.replaceChildren(h("i"), h("i"), h("i"), h("span", {}, words));
  }

  #showUnsent(before: Shown | null, { trouble }: Shown): void {
    this.#unsent.hidden = trouble === "none";
    if (before?.trouble === trouble) return;
    if (trouble === "none") return this.#unsent.replaceChildren();
    const retry = h("button", { type: "button", class: "link", onclick: () => this.#wishes.retries() }, this.#t.retry);
    this.#unsent.replaceChildren(icon("clock"), h("span", {}, trouble === "busy" ? this.#t.busy : this.#t.unsent), retry);
  }

  #showStatus(shown: Shown): void {
    const { phase, position, isReconnecting } = shown;
    const parts: Node[] = [];
    if (this.#isCutOff(isReconnecting)) parts.push(h("div", { class: "cut" }, h("b", { class: "spin" }), this.#t.reconnecting));
    if (phase === "waiting") {
      const place = shown.isClosed
        ? this.#t.closed
        : position === null
          ? this.#t.waiting
          : position <= 1
            ? this.#t.next
            : this.#t.position(position);
      const when = this.#whenSomebodyComes(shown);
      const back = h("button", { type: "button", class: "back", onclick: () => this.#wishes.asksForBot() }, this.#t.backToBot);
      const words = h("div", { class: "place" }, h("strong", {}, place), when === null ? null : h("span", {}, when));
      parts.push(h("div", { class: "queue" }, icon("clock"), words, back));
    }
    const made = h("div", {}, ...parts);
    // Unchanged words are left alone, or they would be read out again and the button would lose the focus.
    if (made.innerHTML !== this.#status.firstElementChild?.innerHTML) this.#status.replaceChildren(...(parts.length > 0 ? [made] : []));
  }

  #whenSomebodyComes({ isClosed, opensAt, waitMinutes, longestMinutes }: Shown): string | null {
    if (isClosed) return opensAt === null ? null : this.#t.opens(showTime(opensAt, this.#o.language));
    if (waitMinutes === null) return null;
    if (longestMinutes !== null && longestMinutes > Math.max(waitMinutes, 1)) return this.#t.waitRange(waitMinutes, longestMinutes);
    return waitMinutes < 1 ? this.#t.waitBrief : this.#t.wait(waitMinutes);
  }

  #isCutOff(isReconnecting: boolean): boolean {
    if (!isReconnecting) {
      this.#cutOffSince = null;
      return false;
    }
    this.#cutOffSince ??= Date.now();
    const left = this.#cutOffSince + RECONNECTING_AFTER_MS - Date.now();
    if (left > 0) setTimeout(() => this.#shown !== null && !this.#stop.signal.aborted && this.#showStatus(this.#shown), left + 10);
    return left <= 0;
  }

  #showOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.root.hidden = !isOpen;
    this.#fit();
    this.#composer.grow();
    this.#log.measure();
    if (isOpen) this.#scroller.toBottom(false);
    else this.#wishes.types(false);
  }

  /** Runs `deed` once the code for cards is there. Without the network it is tried again at the next occasion. */
  #withCards(deed: (cards: Cards) => void): void {
    this.#cards ??= this.#loadCards();
    this.#cards.then(
      (cards) => !this.#stop.signal.aborted && deed(cards),
      () => (this.#cards = null),
    );
  }

  async #loadCards(): Promise<Cards> {
    const [{ Cards }, more] = await Promise.all([import("./cards"), loadMoreTexts(this.#o.language)]);
    return new Cards(this.#t, more, this.#o.site, this.#places, this.#wishes, (isWanted) => {
      if (isWanted || this.#scroller.isFollowing) this.#scroller.toBottom(isWanted);
    });
  }

  // ---- Keyboard, files and screen -------------------------------------------------------------------------------

  #listen(): void {
    const { signal } = this.#stop;
    this.root.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.#phone.addEventListener("change", () => this.#fit(), { signal });
    window.visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    window.visualViewport?.addEventListener("scroll", () => this.#fit(), { signal });
    if (this.#o.site.attachments === null) return;
    const isDropping = (event: DragEvent, is: boolean) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.root.classList.toggle("dropping", is);
    };
    this.root.addEventListener("dragover", (event) => isDropping(event, true), { signal });
    this.root.addEventListener("dragleave", (event) => {
      if (!(event.relatedTarget instanceof Node && this.root.contains(event.relatedTarget))) isDropping(event, false);
    });
    this.root.addEventListener("drop", (event) => {
      isDropping(event, false);
      void this.#composer.takes([...(event.dataTransfer?.files ?? [])]);
    });
  }

  #pressed(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#wishes.closes();
    }
    if (event.key === "Tab") this.#keepFocusInside(event);
  }

  /** What lies behind the panel is reached by closing it. */
  #keepFocusInside(event: KeyboardEvent): void {
    const reachable = [...this.root.querySelectorAll<HTMLElement>("button, textarea, input, a[href], .scroller")].filter(
      (element) => !(element as HTMLButtonElement).disabled && element.getClientRects().length > 0,
    );
    const first = reachable[0];
    const last = reachable.at(-1);
    const now = this.#focused();
    if (event.shiftKey && (now === first || now === this.root)) last?.focus();
    else if (!event.shiftKey && now === last) first?.focus();
    else return;
    event.preventDefault();
  }

  #focused(): Element | null {
    const focused = (this.root.getRootNode() as ShadowRoot).activeElement ?? null;
    return this.root.contains(focused) ? focused : null;
  }

  #saysAndStays(text: string): void {
    this.#wishes.says(text, []);
    this.focus();
  }

  /** On a phone: the whole of what the keyboard leaves, and the page behind holds still. */
  #fit(): void {
    const isSheet = this.#phone.matches && this.#isOpen;
    const seen = window.visualViewport;
    const { style } = this.root;
    if (isSheet && seen !== null && seen !== undefined) {
      style.setProperty("--sheet-height", `${Math.round(seen.height)}px`);
      style.setProperty("--sheet-top", `${Math.round(seen.offsetTop)}px`);
      if (this.#scroller.isFollowing) this.#scroller.toBottom(false);
    }
    this.root.setAttribute("aria-modal", String(isSheet));
    if (isSheet) this.#lockScroll();
    else this.#unlockScroll();
  }

  #lockScroll(): void {
    if (this.#scrollLock !== null) return;
    this.#scrollLock = document.documentElement.style.overflow;
    document.documentElement.style.overflow = "hidden";
  }

  #unlockScroll(): void {
    if (this.#scrollLock === null) return;
    document.documentElement.style.overflow = this.#scrollLock;
    this.#scrollLock = null;
  }
}
