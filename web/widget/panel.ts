// The launcher and the panel as elements: built once, then shown as told. Decides nothing about the conversation.

import { h, icon } from "./dom";
import { Log, type LogWishes } from "./log";
import type { Shown } from "./picture";
import { COUNTER_FROM_CHARS, MAX_TEXT_CHARS, countChars } from "./rules";
import type { Language, Texts } from "./texts";

/** The panel fills such a screen. The same condition stands in widget.css. */
const PHONE = "(max-width: 540px), (max-height: 480px) and (pointer: coarse)";
/** A short break is not worth a word. */
const RECONNECTING_AFTER_MS = 1_500;
/** From the bottom, still counted as reading the latest. */
const NEAR_PX = 80;
/** How long a scroll goes on after the hand that began it. */
const BY_HAND_MS = 1_000;
/** A question of one or two lines. */
const SHORT_PX = 90;

export interface Wishes extends LogWishes {
  opens: () => void;
  closes: () => void;
  /** Returns whether the text was taken; else it stays in the field. */
  says: (text: string) => boolean;
  drafts: (text: string) => void;
  retries: () => void;
  asksForPerson: () => void;
  asksForBot: () => void;
  /** `comment` is null for the tap on a star, empty when the customer declines to comment. */
  rates: (score: number, comment: string | null) => void;
}

export class Panel {
  readonly root: HTMLElement;
  readonly field: HTMLTextAreaElement;
  readonly #t: Texts;
  readonly #wishes: Wishes;
  readonly #log: Log;
  readonly #phone = window.matchMedia(PHONE);
  readonly #stop = new AbortController();
  readonly #launcher: HTMLButtonElement;
  readonly #badge = h("span", { class: "badge", "aria-hidden": "true" });
  readonly #dialog: HTMLElement;
  readonly #face = h("div", { class: "face", "aria-hidden": "true" });
  readonly #subtitle = h("p", { class: "subtitle" });
  readonly #scroller: HTMLElement;
  readonly #intro: HTMLElement;
  readonly #starters: HTMLElement;
  readonly #renewed: HTMLElement;
  readonly #dots: HTMLElement;
  readonly #unsent: HTMLElement;
  readonly #rating = h("section", { class: "rating" });
  readonly #latest: HTMLButtonElement;
  readonly #status = h("div", { class: "status", role: "status" });
  readonly #person: HTMLButtonElement;
  readonly #counter = h("div", { class: "counter", "aria-live": "polite" });
  readonly #sendButton: HTMLButtonElement;
  #shown: Shown | null = null;
  #cutOffSince: number | null = null;
  /** New turns are brought into view, unless the customer has gone back to read. */
  #follows = true;
  #scrolledAt = 0;
  #scrollLock: string | null = null;

  constructor(texts: Texts, language: Language, title: string, starters: readonly string[], wishes: Wishes) {
    this.#t = texts;
    this.#wishes = wishes;
    this.#log = new Log(texts, language, wishes);
    const t = texts;
    const button = (name: string, label: string, onclick: () => void, ...children: (Node | string)[]) =>
      h("button", { type: "button", class: name, "aria-label": label, onclick }, ...children);

    this.#launcher = button("launcher", t.openPanel, () => (this.#shown?.isOpen ? wishes.closes() : wishes.opens()), icon("ask"), icon("down"), this.#badge);
    this.#intro = h("div", { class: "intro" }, h("p", { class: "hello" }, t.intro), h("p", {}, t.introMore));
    this.#starters = h(
      "div",
      { class: "options" },
      ...starters.map((text) => h("button", { type: "button", class: "option", onclick: () => this.#saysAndStays(text) }, text)),
    );
    this.#renewed = h("p", { class: "renewed" }, t.renewed);
    this.#dots = h("div", { class: "dots", role: "status" }, h("i"), h("i"), h("i"), h("span", {}, t.looking));
    this.#unsent = h("div", { class: "trouble", role: "status" });
    this.#scroller = h(
      "div",
      { class: "scroller", tabindex: "-1" },
      this.#intro,
      this.#starters,
      this.#renewed,
      this.#log.root,
      this.#dots,
      this.#unsent,
      this.#rating,
    );
    this.#latest = button("latest", t.latest, () => this.#toBottom(true), icon("down"));
    this.#person = h("button", { type: "button", class: "person", onclick: () => wishes.asksForPerson() }, icon("person"), t.person);
    this.field = h("textarea", { rows: "1", placeholder: t.field, "aria-label": t.field, enterkeyhint: "send", dir: "auto" });
    this.#sendButton = button("send", t.send, () => this.#saysField(), icon("send"));
    const form = h("div", { class: "form" }, this.field, this.#sendButton);
    this.#dialog = h(
      "section",
      { class: "panel", role: "dialog", "aria-label": title, tabindex: "-1" },
      h(
        "header",
        {},
        this.#face,
        h("div", { class: "titles" }, h("h2", {}, title), this.#subtitle),
        button("close", t.closePanel, () => wishes.closes(), icon("close")),
      ),
      h("div", { class: "middle" }, this.#scroller, this.#latest),
      h("footer", {}, this.#status, this.#person, form, this.#counter),
    );
    this.#dialog.hidden = true;
    this.root = h("div", { class: "firstline" }, this.#dialog, this.#launcher);
    this.root.lang = language;
    this.#listen();
  }

  destroy(): void {
    this.#stop.abort();
    this.#unlockScroll();
  }

  /** Puts the customer where they can write, without throwing up a phone's keyboard. */
  focus(): void {
    if (window.matchMedia("(pointer: coarse)").matches) this.#dialog.focus({ preventScroll: true });
    else this.field.focus({ preventScroll: true });
  }

  focusLauncher(): void {
    this.#launcher.focus({ preventScroll: true });
  }

  /** Puts a text back into the field, before what is there. */
  write(text: string): void {
    this.field.value = [text, this.field.value].filter((part) => part !== "").join("\n");
    this.#typed();
  }

  show(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    const hadFocus = this.#focused() !== null;
    const firstNew = this.#log.show(shown.lines);
    const hasLines = shown.lines.length > 0;
    this.#starters.hidden = hasLines;
    this.#renewed.hidden = !shown.isRenewed;
    this.#dots.hidden = !shown.isAwaiting;
    this.#dialog.dataset["phase"] = shown.phase;
    this.#showHeader(shown);
    this.#showUnsent(before, shown);
    this.#showRating(before, shown);
    this.#showStatus(shown);
    this.#person.hidden = !shown.canAskForPerson;
    this.#showLauncher(shown);
    if (before?.isOpen !== shown.isOpen) this.#showOpen(shown.isOpen);
    // What the focus was on may be gone or disabled now.
    if (hadFocus && this.#focused() === null && shown.isOpen) this.focus();
    // Only from now on: the first lines are history, not news.
    if (before !== null) this.#log.root.setAttribute("aria-live", "polite");
    this.#follow(before, shown, firstNew);
  }

  // ---- Parts ----------------------------------------------------------------------------------------------------

  #showHeader({ phase, agent }: Shown): void {
    const subtitle = {
      with_bot: this.#t.withBot,
      waiting: this.#t.waiting,
      with_agent: agent === null ? "" : this.#t.withAgent(agent),
      resolved: this.#t.resolved,
    }[phase];
    if (this.#subtitle.textContent !== subtitle) this.#subtitle.textContent = subtitle;
    const initial = phase === "with_agent" && agent !== null ? ([...agent][0] ?? "") : "";
    if (this.#face.dataset["of"] === phase + initial) return;
    this.#face.dataset["of"] = phase + initial;
    this.#face.replaceChildren(initial === "" ? icon(phase === "waiting" ? "clock" : "ask") : initial);
  }

  #showUnsent(before: Shown | null, { trouble }: Shown): void {
    this.#unsent.hidden = trouble === "none";
    if (before?.trouble === trouble) return;
    if (trouble === "none") return this.#unsent.replaceChildren();
    const retry = h("button", { type: "button", class: "link", onclick: () => this.#wishes.retries() }, this.#t.retry);
    this.#unsent.replaceChildren(icon("clock"), h("span", {}, trouble === "busy" ? this.#t.busy : this.#t.unsent), retry);
  }

  #showRating(before: Shown | null, { rating }: Shown): void {
    this.#rating.hidden = rating.is === "none";
    if (JSON.stringify(before?.rating) === JSON.stringify(rating)) return;
    if (rating.is === "none") return this.#rating.replaceChildren();
    const given = rating.is === "given" ? rating.score : 0;
    const stars = this.#t.scores.map((label, index) => {
      const score = index + 1;
      const name = `star${score <= given ? " given" : ""}`;
      const star = h("button", { type: "button", class: name, title: label, "aria-label": `${score} – ${label}` }, icon("star"));
      star.setAttribute("aria-pressed", String(score === given));
      star.addEventListener("click", () => this.#wishes.rates(score, null));
      return star;
    });
    const group = h("div", { class: "stars", role: "group", "aria-label": this.#t.rate }, ...stars);
    const parts: Node[] = [h("p", { class: "rate" }, this.#t.rate), group];
    if (rating.is === "given") parts.push(this.#commentForm(rating.score));
    // The comment under way outlives a second thought about the stars.
    const comment = this.#rating.querySelector("textarea")?.value ?? "";
    this.#rating.replaceChildren(...parts);
    const field = this.#rating.querySelector("textarea");
    if (field !== null) field.value = comment;
    if (rating.is === "given" && before?.rating.is === "asked" && before.isOpen) stars[given - 1]?.focus({ preventScroll: true });
  }

  #commentForm(score: number): HTMLElement {
    const field = h("textarea", { rows: "2", placeholder: this.#t.comment, "aria-label": this.#t.comment, maxlength: String(MAX_TEXT_CHARS), dir: "auto" });
    const send = h("button", { type: "button", class: "solid", onclick: () => this.#wishes.rates(score, field.value) }, this.#t.sendComment);
    const skip = h("button", { type: "button", class: "link", onclick: () => this.#wishes.rates(score, "") }, this.#t.noComment);
    return h("div", { class: "comment" }, field, h("div", { class: "row" }, skip, send));
  }

  #showStatus({ phase, position, waitMinutes, isReconnecting }: Shown): void {
    const parts: Node[] = [];
    if (this.#isCutOff(isReconnecting)) parts.push(h("div", { class: "cut" }, h("b", { class: "spin" }), this.#t.reconnecting));
    if (phase === "waiting") {
      const place = position === null ? this.#t.waiting : position <= 1 ? this.#t.next : this.#t.position(position);
      const wait = waitMinutes === null ? null : waitMinutes < 1 ? this.#t.waitBrief : this.#t.wait(waitMinutes);
      const back = h("button", { type: "button", class: "back", onclick: () => this.#wishes.asksForBot() }, this.#t.backToBot);
      const words = h("div", { class: "place" }, h("strong", {}, place), wait === null ? null : h("span", {}, wait));
      parts.push(h("div", { class: "queue" }, icon("clock"), words, back));
    }
    const made = h("div", {}, ...parts);
    // Unchanged words are left alone, or they would be read out again and the button would lose the focus.
    if (made.innerHTML !== this.#status.firstElementChild?.innerHTML) this.#status.replaceChildren(...(parts.length > 0 ? [made] : []));
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

  #showLauncher({ isOpen, nUnseen }: Shown): void {
    const n = isOpen ? 0 : nUnseen;
    this.#badge.hidden = n === 0;
    this.#badge.textContent = n > 9 ? "9+" : String(n);
    const label = isOpen ? this.#t.closePanel : n === 0 ? this.#t.openPanel : `${this.#t.openPanel} (${this.#t.unseen(n)})`;
    this.#launcher.setAttribute("aria-label", label);
    this.#launcher.setAttribute("aria-expanded", String(isOpen));
  }

  #showOpen(isOpen: boolean): void {
    this.#dialog.hidden = !isOpen;
    this.root.classList.toggle("open", isOpen);
    this.#fit();
    this.#grow();
    if (isOpen) this.#toBottom(false);
  }

  // ---- Scrolling ------------------------------------------------------------------------------------------------

  #follow(before: Shown | null, shown: Shown, firstNew: HTMLElement | null): void {
    const isOwn = shown.lines.length > (before?.lines.length ?? 0) && shown.lines.at(-1)?.by === "customer";
    const isCard = shown.rating.is !== (before?.rating.is ?? "none");
    if (firstNew !== null && !this.#follows) this.#latest.classList.add("news");
    if (isOwn || (isCard && this.#follows)) this.#toBottom(before !== null);
    else if (firstNew !== null && this.#follows) this.#toTopOf(firstNew, before !== null);
    this.#showLatest();
  }

  /** A hand on the wheel moves on for a while; our own scrolling says nothing about the customer. */
  #scrolled(): void {
    if (Date.now() - this.#scrolledAt < BY_HAND_MS) this.#follows = this.#isNear();
    this.#showLatest();
  }

  /** An answer longer than the panel is read from its beginning, below the question where that is short. */
  #toTopOf(answer: HTMLElement, smoothly: boolean): void {
    const question = answer.previousElementSibling as HTMLElement | null;
    const line = question !== null && question.offsetHeight < SHORT_PX ? question : answer;
    const top = line.offsetTop - this.#scroller.offsetTop - 12;
    const bottom = this.#scroller.scrollHeight - this.#scroller.clientHeight;
    this.#scrollTo(Math.min(top, bottom), smoothly);
  }

  #toBottom(smoothly: boolean): void {
    this.#follows = true;
    this.#scrollTo(this.#scroller.scrollHeight, smoothly);
  }

  #scrollTo(top: number, smoothly: boolean): void {
    const still = !smoothly || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (typeof this.#scroller.scrollTo === "function") this.#scroller.scrollTo({ top, behavior: still ? "auto" : "smooth" });
  }

  #isNear(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #showLatest(): void {
    this.#latest.hidden = this.#isNear();
    if (this.#latest.hidden) this.#latest.classList.remove("news");
  }

  // ---- Keyboard, field and screen -------------------------------------------------------------------------------

  #listen(): void {
    const { signal } = this.#stop;
    const byHand = (event: Event) => {
      // A press on a button in the conversation is no scrolling; one on the scroll bar is.
      if (event.target === this.#scroller || event.type === "wheel" || event.type === "touchmove") this.#scrolledAt = Date.now();
    };
    for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) {
      this.#scroller.addEventListener(name, byHand, { signal, passive: true });
    }
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { signal, passive: true });
    this.field.addEventListener("input", () => this.#typed(), { signal });
    this.field.addEventListener("keydown", (event) => this.#pressedInField(event), { signal });
    this.#dialog.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    this.#phone.addEventListener("change", () => this.#fit(), { signal });
    window.visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    window.visualViewport?.addEventListener("scroll", () => this.#fit(), { signal });
  }

  #pressedInField(event: KeyboardEvent): void {
    // Enter that ends the input of Chinese characters must not send; Safari reports it after the composition, as 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#saysField();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#wishes.closes();
    }
    if (event.key === "Tab" && this.#phone.matches) this.#keepFocusInside(event);
  }

  /** On a phone the panel is the whole screen; what lies behind it cannot be reached. */
  #keepFocusInside(event: KeyboardEvent): void {
    const reachable = [...this.#dialog.querySelectorAll<HTMLElement>("button, textarea, a[href]")].filter(
      (element) => !(element as HTMLButtonElement).disabled && element.getClientRects().length > 0,
    );
    const first = reachable[0];
    const last = reachable.at(-1);
    const now = this.#focused();
    if (event.shiftKey && (now === first || now === this.#dialog)) last?.focus();
    else if (!event.shiftKey && now === last) first?.focus();
    else return;
    event.preventDefault();
  }

  #focused(): Element | null {
    return (this.root.getRootNode() as ShadowRoot).activeElement ?? null;
  }

  #saysField(): void {
    if (this.field.value.trim() === "") return;
    if (this.#wishes.says(this.field.value)) {
      this.field.value = "";
      this.#typed();
    } else this.#showCounter(true);
    this.field.focus({ preventScroll: true });
  }

  #saysAndStays(text: string): void {
    this.#wishes.says(text);
    this.focus();
  }

  #typed(): void {
    this.#wishes.drafts(this.field.value);
    this.#grow();
    this.#showCounter(false);
  }

  #showCounter(isTurnedDown: boolean): void {
    const n = countChars(this.field.value.trim());
    const isOver = n > MAX_TEXT_CHARS;
    const isFull = isTurnedDown && !isOver;
    this.#counter.hidden = n < COUNTER_FROM_CHARS && !isFull;
    this.#counter.classList.toggle("bad", isOver);
    const words = isOver
      ? `${this.#t.tooLong(MAX_TEXT_CHARS)} · ${this.#t.charsOver(n - MAX_TEXT_CHARS)}`
      : this.#t.charsLeft(MAX_TEXT_CHARS - n);
    this.#counter.textContent = this.#counter.hidden ? "" : isFull ? this.#t.full : words;
    this.field.setAttribute("aria-invalid", String(isOver));
    this.#sendButton.disabled = n === 0 || isOver;
  }

  /** As high as its text; the style sheet sets the bound. */
  #grow(): void {
    this.field.style.height = "auto";
    if (this.field.scrollHeight > 0) this.field.style.height = `${this.field.scrollHeight}px`;
    this.#showCounter(false);
  }

  /** On a phone: the whole of what the keyboard leaves, and the page behind holds still. */
  #fit(): void {
    const isSheet = this.#phone.matches && this.#shown?.isOpen === true;
    const seen = window.visualViewport;
    const { style } = this.#dialog;
    if (isSheet && seen !== null && seen !== undefined) {
      style.setProperty("--sheet-height", `${Math.round(seen.height)}px`);
      style.setProperty("--sheet-top", `${Math.round(seen.offsetTop)}px`);
      if (this.#follows) this.#toBottom(false);
    }
    this.#dialog.setAttribute("aria-modal", String(isSheet));
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
