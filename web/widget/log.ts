// Shows lines as elements and keeps those that did not change, so that a screen reader hears each turn once. Decides nothing.

import type { Attachment } from "../shared/api";
import { h } from "./elements";
import { icon } from "./icons";
import { knownLanguage, type Language } from "./language";
import { cutLinks, type Button, type Line } from "./lines";
import { leadOutside } from "./links";
import type { Texts } from "./texts/texts";

/** The longest side of a picture in the conversation. */
const PICTURE_PX = 240;

/** What a customer may do inside the log. */
export interface LogWishes {
  taps: (button: Button) => void;
  judges: (seq: number, helped: boolean) => void;
  edits: (clientId: string, text: string) => void;
}

type Articles = typeof import("./article");

interface Shown {
  readonly root: HTMLElement;
  readonly stamp: HTMLElement;
  readonly bubble: HTMLElement;
  readonly under: HTMLElement;
  line: Line;
}

export class Log {
  readonly root: HTMLElement;
  readonly #shown = new Map<string, Shown>();
  readonly #texts: Texts;
  readonly #language: Language;
  readonly #wishes: LogWishes;
  readonly #server: string;
  #articles: Articles | null = null;

  /** `server` ends in a slash; pictures and files come from there. */
  constructor(texts: Texts, language: Language, server: string, wishes: LogWishes) {
    this.#server = server;
    this.#texts = texts;
    this.#language = language;
    this.#wishes = wishes;
    this.root = h("div", { class: "log", role: "log", "aria-label": texts.log, "aria-relevant": "additions" });
  }

  /** Returns the first element that is new and not the customer's own, for scrolling to it. */
  show(lines: readonly Line[]): HTMLElement | null {
    const keys = new Set(lines.map((line) => line.key));
    for (const [key, shown] of this.#shown) {
      if (keys.has(key)) continue;
      shown.root.remove();
      this.#shown.delete(key);
    }
    let firstNew: HTMLElement | null = null;
    let place: ChildNode | null = this.root.firstChild;
    for (const line of lines) {
      const known = this.#shown.get(line.key);
      const shown = known ?? this.#add(line);
      if (known !== undefined && known.line !== line) this.#update(known, line);
      else if (known === undefined && line.by !== "customer") firstNew ??= shown.root;
      if (shown.root === place) place = place.nextSibling;
      else this.root.insertBefore(shown.root, place);
    }
    this.measure();
    return firstNew;
  }

  /** What is too long is known only while it is on the screen. */
  measure(): void {
    if (this.#articles === null) return;
    for (const words of this.root.querySelectorAll<HTMLElement>(".article .words")) this.#articles.shorten(words, this.#texts);
  }

  #add(line: Line): Shown {
    const stamp = h("div", { class: "stamp" });
    const bubble = h("div", { class: "bubble" });
    const under = h("div", { class: "under" });
    const root = h("div", { class: "line" }, stamp, this.#speaker(line), bubble, under);
    const shown: Shown = { root, stamp, bubble, under, line };
    this.#shown.set(line.key, shown);
    this.#mark(shown, line);
    bubble.append(...this.#words(line));
    this.#fillUnder(shown, line);
    return shown;
  }

  #update(shown: Shown, line: Line): void {
    const before = shown.line;
    shown.line = line;
    this.#mark(shown, line);
    if (before.files !== line.files || before.text !== line.text || before.html !== line.html || before.source !== line.source) {
      shown.bubble.replaceChildren(...this.#words(line));
    }
    if (JSON.stringify([before.buttons, before.ask, before.state, before.isSeen]) !== JSON.stringify([line.buttons, line.ask, line.state, line.isSeen])) {
      this.#fillUnder(shown, line);
    }
  }

  #mark({ root, stamp, bubble }: Shown, line: Line): void {
    bubble.title = showTime(line.at, this.#language);
    root.className = `line ${line.by} ${line.state.is}${line.isFirst ? " first" : ""}${line.html === null ? "" : " article"}`;
    stamp.textContent = line.stamp === null ? "" : showTime(line.stamp, this.#language);
    stamp.hidden = line.stamp === null;
  }

  /** Seen for agents, heard for all. */
  #speaker({ by, name, avatar }: Line): HTMLElement {
    const { you, bot, system } = this.#texts;
    const said = { customer: you, bot, system, agent: name ?? "" }[by];
    return h("div", { class: "speaker" }, avatar === null ? null : h("img", { src: this.#at(avatar), alt: "" }), said);
  }

  #at(path: string): string {
    return this.#server + path.replace(/^\//, "");
  }

  #words(line: Line): Node[] {
    const files = line.files.map((file) => this.#file(file));
    if (line.text === "" && line.html === null) return files;
    const words = h("div", { class: "words", dir: "auto" }, line.html === null ? writeText(line) : null);
    if (line.html !== null) this.#write(words, line.html, line.text);
    if (line.source === null) return [words, ...files];
    const source = h("div", { class: "source" }, icon("source"), h("span", {}, this.#texts.source(line.source)));
    return [words, source];
  }

  /** The code for articles comes with the first of them; without it there is still the plain text. */
  #write(words: HTMLElement, html: string, text: string): void {
    const write = (articles: Articles) => words.replaceChildren(articles.fromArticle(html));
    if (this.#articles !== null) return void write(this.#articles);
    words.setAttribute("aria-busy", "true");
    import("./article")
      .then(
        (articles) => {
          if (this.#articles === null) articles.dressArticles(this.root.getRootNode() as ShadowRoot);
          this.#articles = articles;
          write(articles);
          this.measure();
        },
        () => words.replaceChildren(text),
      )
      .finally(() => words.removeAttribute("aria-busy"));
  }

  #file({ name, type, bytes, url, width, height }: Attachment): HTMLElement {
    const link = h("a", { class: "file", href: this.#at(url) });
    leadOutside(link);
    if (type.startsWith("image/")) {
      const picture = h("img", { src: this.#at(url), alt: name, loading: "lazy" });
      // Its room is kept, so that nothing moves when it arrives.
      const scale = Math.min(1, PICTURE_PX / Math.max(width ?? PICTURE_PX, height ?? PICTURE_PX));
      if (width !== undefined && height !== undefined) {
        picture.width = Math.round(width * scale);
        picture.height = Math.round(height * scale);
      }
      link.append(picture);
    } else link.append(icon("file"), h("bdi", {}, name), h("small", {}, showBytes(bytes, this.#language)));
    return link;
  }

  #fillUnder({ under }: Shown, line: Line): void {
    const seen = line.isSeen ? h("div", { class: "note" }, this.#texts.seen) : null;
    const parts = [this.#unsent(line), seen, this.#buttons(line), this.#ask(line)];
    under.replaceChildren(...parts.filter((part) => part !== null));
  }

  #buttons({ buttons }: Line): HTMLElement | null {
    if (buttons.length === 0) return null;
    const made = buttons.map((button) => {
      const element = h(
        "button",
        { type: "button", class: button.isChosen ? "option chosen" : "option", onclick: () => this.#wishes.taps(button) },
        button.title,
      );
      element.disabled = !button.isEnabled;
      return element;
    });
    return h("div", { class: "options" }, ...made);
  }

  #ask({ ask }: Line): HTMLElement | null {
    if (ask === null) return null;
    if (ask.helped !== null) return h("div", { class: "ask" }, ask.helped ? this.#texts.thanks : this.#texts.sorry);
    const button = (helped: boolean) =>
      h(
        "button",
        { type: "button", class: "judge", onclick: () => this.#wishes.judges(ask.seq, helped) },
        icon(helped ? "up" : "notUp"),
        helped ? this.#texts.helped : this.#texts.notHelped,
      );
    return h("div", { class: "ask", role: "group", "aria-label": this.#texts.didItHelp }, button(true), button(false));
  }

  #unsent({ state, text }: Line): HTMLElement | null {
    switch (state.is) {
      case "said":
      case "unsent":
        return null;
      case "sending":
        return h("div", { class: "note hidden" }, this.#texts.sending);
      case "refused": {
        const { why, clientId } = state;
        const said = why.code === "text_too_long" && why.limit !== null ? this.#texts.tooLong(why.limit) : this.#texts.refused;
        const edit = h("button", { type: "button", class: "link", onclick: () => this.#wishes.edits(clientId, text) }, this.#texts.edit);
        return h("div", { class: "note bad", role: "alert" }, said, edit);
      }
    }
  }
}

/** People's words are text. Only an address in what others wrote becomes a link. */
function writeText(line: Line): DocumentFragment {
  const written = document.createDocumentFragment();
  if (line.by === "customer") {
    written.append(line.text);
    return written;
  }
  for (const part of cutLinks(line.text)) {
    if (!part.isLink) {
      written.append(part.text);
      continue;
    }
    const link = h("a", { href: part.text }, part.text);
    leadOutside(link);
    written.append(link);
  }
  return written;
}

function showBytes(bytes: number, language: Language): string {
  const [n, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
}

/** "14:05" today, else with the day; in the reader's language, country and time zone. */
export function showTime(at: string, language: Language): string {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "";
  const isToday = then.toDateString() === new Date().toDateString();
  const locale = navigator.languages.find((tag) => knownLanguage(tag) === language);
  return new Intl.DateTimeFormat(locale ?? language, { timeStyle: "short", ...(isToday ? {} : { dateStyle: "medium" }) }).format(then);
}
