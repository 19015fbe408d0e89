// Shows lines as elements and keeps those that did not change, so that a screen reader hears each turn once. Decides nothing.

import { cutLinks, type Button, type Line } from "./lines";
import { fromArticle, h, icon, leadOutside } from "./dom";
import { knownLanguage, type Language, type Texts } from "./texts";

/** What a customer may do inside the log. */
export interface LogWishes {
  taps: (button: Button) => void;
  judges: (seq: number, helped: boolean) => void;
  edits: (clientId: string, text: string) => void;
}

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

  constructor(texts: Texts, language: Language, wishes: LogWishes) {
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
    return firstNew;
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
    if (before.text !== line.text || before.html !== line.html || before.source !== line.source) {
      shown.bubble.replaceChildren(...this.#words(line));
    }
    if (JSON.stringify([before.buttons, before.ask, before.state]) !== JSON.stringify([line.buttons, line.ask, line.state])) {
      this.#fillUnder(shown, line);
    }
  }

  #mark({ root, stamp }: Shown, line: Line): void {
    root.className = `line ${line.by} ${line.state.is}${line.isFirst ? " first" : ""}${line.html === null ? "" : " article"}`;
    stamp.textContent = line.stamp === null ? "" : showTime(line.stamp, this.#language);
    stamp.hidden = line.stamp === null;
  }

  /** Seen for agents, heard for all. */
  #speaker({ by, name }: Line): HTMLElement {
    const { you, bot, system } = this.#texts;
    const said = { customer: you, bot, system, agent: name ?? "" }[by];
    return h("div", { class: "speaker" }, said);
  }

  #words(line: Line): Node[] {
    const words = line.html === null ? writeText(line) : fromArticle(line.html);
    if (line.source === null) return [h("div", { class: "words", dir: "auto" }, words)];
    const source = h("div", { class: "source" }, icon("source"), h("span", {}, this.#texts.source(line.source)));
    return [h("div", { class: "words", dir: "auto" }, words), source];
  }

  #fillUnder({ under }: Shown, line: Line): void {
    const parts = [this.#unsent(line), this.#buttons(line), this.#ask(line)];
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

/** "14:05" today, else with the day; in the reader's language, country and time zone. */
export function showTime(at: string, language: Language): string {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "";
  const isToday = then.toDateString() === new Date().toDateString();
  const locale = navigator.languages.find((tag) => knownLanguage(tag) === language);
  return new Intl.DateTimeFormat(locale ?? language, { timeStyle: "short", ...(isToday ? {} : { dateStyle: "medium" }) }).format(then);
}
