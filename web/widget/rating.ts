// How it was: five stars after the end, and a comment for whoever wants to add one.

import { draw, h } from "./elements";
import type { Rating } from "./picture";
import { MAX_TEXT_CHARS } from "./rules";
import type { MoreTexts } from "./texts/texts";

/** `comment` is null for the tap on a star, empty when the customer declines to comment. */
export type Rates = (score: number, comment: string | null) => void;

const STAR = "M12 3l2.8 5.7 6.2.9-4.5 4.4 1.1 6.2-5.6-2.9-5.6 2.9 1.1-6.2L3 9.6l6.2-.9z";

export class RatingCard {
  readonly root = h("section", { class: "card rating", hidden: true });
  readonly #t: MoreTexts;
  readonly #rates: Rates;
  #shown: Rating = { is: "none" };

  constructor(texts: MoreTexts, rates: Rates) {
    this.#t = texts;
    this.#rates = rates;
  }

  show(rating: Rating, isOpen: boolean): void {
    const before = this.#shown;
    this.#shown = rating;
    this.root.hidden = rating.is === "none";
    if (JSON.stringify(before) === JSON.stringify(rating) && this.root.hasChildNodes()) return;
    if (rating.is === "none") return this.root.replaceChildren();
    const given = rating.is === "given" ? rating.score : 0;
    const stars = this.#t.scores.map((label, index) => {
      const score = index + 1;
      const name = `star${score <= given ? " given" : ""}`;
      const star = h("button", { type: "button", class: name, title: label, "aria-label": `${score} – ${label}` }, draw("star", STAR));
      star.setAttribute("aria-pressed", String(score === given));
      star.addEventListener("click", () => this.#rates(score, null));
      return star;
    });
    const group = h("div", { class: "stars", role: "group", "aria-label": this.#t.rate }, ...stars);
    const parts: Node[] = [h("p", { class: "rate" }, this.#t.rate), group];
    if (rating.is === "given") parts.push(this.#comment(rating.score));
    // The comment under way outlives a second thought about the stars.
    const comment = this.root.querySelector("textarea")?.value ?? "";
    this.root.replaceChildren(...parts);
    const field = this.root.querySelector("textarea");
    if (field !== null) field.value = comment;
    if (rating.is === "given" && before.is === "asked" && isOpen) stars[given - 1]?.focus({ preventScroll: true });
  }

  #comment(score: number): HTMLElement {
    const field = h("textarea", { rows: "2", placeholder: this.#t.comment, "aria-label": this.#t.comment, maxlength: String(MAX_TEXT_CHARS), dir: "auto" });
    const send = h("button", { type: "button", class: "solid", onclick: () => this.#rates(score, field.value) }, this.#t.sendComment);
    const skip = h("button", { type: "button", class: "link", onclick: () => this.#rates(score, "") }, this.#t.noComment);
    return h("div", { class: "comment" }, field, h("div", { class: "row" }, skip, send));
  }
}
