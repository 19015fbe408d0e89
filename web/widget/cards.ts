// What few conversations need, loaded when one does: the menu, the forms, and the rating. Told what is shown, as the panel is.

import { draw, dress, h } from "./elements";
import { downloadTranscript, leaveContact, type Link, mailTranscript, makeLink } from "./errands";
import css from "./cards.css?inline";
import { form, type Form, type Line } from "./forms";
import { openMenu, type Entry } from "./menu";
import type { Wishes } from "./panel";
import type { Shown } from "./picture";
import { RatingCard } from "./rating";
import type { Field, Site } from "./site";
import type { MoreTexts, Texts } from "./texts/texts";

type Values = Readonly<Record<string, string>>;

/** Where cards stand in the panel. */
export interface Places {
  /** Above the conversation. */
  readonly before: HTMLElement;
  readonly rating: HTMLElement;
  readonly contact: HTMLElement;
  /** What the customer asked for last. */
  readonly aside: HTMLElement;
}

const KINDS: Readonly<Record<Field, Pick<Line, "type" | "autocomplete">>> = {
  name: { type: "text", autocomplete: "name" },
  email: { type: "email", autocomplete: "email" },
  phone: { type: "tel", autocomplete: "tel" },
  order: { type: "text", autocomplete: "off" },
  topic: { type: "text", autocomplete: "off" },
};

export class Cards {
  readonly #t: MoreTexts;
  readonly #texts: Texts;
  readonly #site: Site;
  readonly #places: Places;
  readonly #wishes: Wishes;
  readonly #rating: RatingCard;
  readonly #toBottom: (isWanted: boolean) => void;
  #shown: Shown | null = null;

  /** `toBottom` brings a card into view, if it was asked for or the customer reads the latest. */
  constructor(texts: Texts, more: MoreTexts, site: Site, places: Places, wishes: Wishes, toBottom: (isWanted: boolean) => void) {
    this.#t = more;
    this.#texts = texts;
    this.#site = site;
    this.#places = places;
    this.#wishes = wishes;
    this.#toBottom = toBottom;
    this.#rating = new RatingCard(more, wishes.rates);
    places.rating.append(this.#rating.root);
    dress(places.aside.getRootNode() as ShadowRoot, css);
  }

  show(shown: Shown): void {
    const before = this.#shown;
    this.#shown = shown;
    if (before?.wantsDetails !== shown.wantsDetails) this.#showBefore(shown);
    if (before?.contact !== shown.contact) this.#showContact(shown);
    this.#rating.show(shown.rating, shown.isOpen);
    if (before?.rating.is !== shown.rating.is || before.contact !== shown.contact) this.#toBottom(false);
  }

  menu(button: HTMLElement): void {
    const { mail, telegram } = this.#site;
    const entries: Entry[] = [{ label: this.#t.transcript, deed: () => void this.#wishes.runs(downloadTranscript).then((wrong) => this.#say(wrong && this.#t.failed)) }];
    if (mail) entries.push({ label: this.#t.mailTranscript, deed: () => this.#askForAddress() });
    if (telegram !== null) entries.push({ label: this.#t.telegram, deed: () => void this.#offerTelegram(telegram) });
    openMenu(button, entries);
  }

  /** What the site wants to know before the first question. */
  #showBefore({ wantsDetails, isOpen }: Shown): void {
    const { before } = this.#places;
    if (!wantsDetails) return before.replaceChildren();
    const lines = this.#site.pre_chat.map(({ field, required }) => ({ name: field, label: this.#t.fields[field], isRequired: required, ...KINDS[field] }));
    const deed = async (values: Values) => {
      this.#wishes.fillsIn(values);
      return null;
    };
    this.#put(before, { title: this.#t.before, lines, submit: this.#t.start, deed }, isOpen);
  }

  #showContact({ contact }: Shown): void {
    const t = this.#t;
    if (contact !== "asked") {
      this.#places.contact.replaceChildren(...(contact === "left" ? [h("p", { class: "card", role: "status" }, t.contactKept)] : []));
      return;
    }
    const line: Line = { name: "contact", label: t.contactField, type: "text", autocomplete: "email", isRequired: true };
    const deed = ({ contact }: Values) => this.#runs((client) => leaveContact(client, contact ?? ""));
    this.#put(this.#places.contact, { title: this.#texts.closed, hint: t.contactAsk, lines: [line], submit: this.#texts.send, deed }, false);
  }

  #askForAddress(): void {
    const t = this.#t;
    const line: Line = { name: "email", label: t.mailField, type: "email", autocomplete: "email", isRequired: true };
    const deed = async ({ email }: Values) => {
      const wrong = await this.#runs((client) => mailTranscript(client, email ?? ""));
      if (wrong === null) this.#say(t.mailSent(email ?? ""));
      return wrong;
    };
    const cancel = { label: t.noComment, deed: () => this.#say(null) };
    this.#put(this.#places.aside, { title: t.mailTranscript, lines: [line], submit: this.#texts.send, cancel, deed }, true);
    this.#toBottom(true);
  }

  async #offerTelegram(address: string): Promise<void> {
    let made: Link | null = null;
    const wrong = await this.#wishes.runs(async (client) => {
      made = await makeLink(client);
    });
    if (wrong !== null || made === null) return this.#say(this.#t.failed);
    // A link, because a browser lets no window open by itself so long after the press.
    const { code, telegram } = made as Link;
    const href = telegram?.url ?? `${address}?start=${code}`;
    const link = h("a", { class: "solid", href, target: "_blank", rel: "noopener noreferrer" }, this.#t.telegramOpen);
    const card = h("div", { class: "card" }, link);
    // For those who have Telegram on a phone and the shop on a desk.
    if (telegram?.qr !== undefined) {
      const picture = draw("qr", telegram.qr.path);
      picture.setAttribute("viewBox", `0 0 ${telegram.qr.size} ${telegram.qr.size}`);
      card.append(h("div", { class: "qr" }, h("p", {}, this.#t.telegramScan), picture));
    }
    this.#places.aside.replaceChildren(card);
    this.#toBottom(true);
    link.focus({ preventScroll: true });
  }

  async #runs(errand: Parameters<Wishes["runs"]>[0]): Promise<string | null> {
    const wrong = await this.#wishes.runs(errand);
    return wrong === null ? null : wrong === "refused" ? this.#t.contactBad : this.#t.failed;
  }

  #put(place: HTMLElement, made: Form, hasFocus: boolean): void {
    place.replaceChildren(form(this.#t, made));
    if (hasFocus) place.querySelector("input")?.focus({ preventScroll: true });
  }

  #say(words: string | null): void {
    this.#places.aside.replaceChildren(...(words === null ? [] : [h("p", { class: "card", role: "status" }, words)]));
    if (words !== null) this.#toBottom(true);
  }
}
