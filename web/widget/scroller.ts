// Where the conversation stands on the screen: new turns are brought into view, unless the customer has gone back to read.

import { h } from "./elements";
import { icon } from "./icons";

/** From the bottom, still counted as reading the latest. */
const NEAR_PX = 80;
/** How long a scroll goes on after the hand that began it. */
const BY_HAND_MS = 1_000;
/** A question of one or two lines. */
const SHORT_PX = 90;

export class Scroller {
  readonly root: HTMLElement;
  readonly #area: HTMLElement;
  readonly #latest: HTMLButtonElement;
  #follows = true;
  #scrolledAt = 0;

  /** `label` names the whole, `latest` the button that leads to its end. */
  constructor(label: string, latest: string, children: readonly Node[]) {
    // Reached with the keyboard too, or a long answer could not be scrolled by it.
    this.#area = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": label }, ...children);
    this.#latest = h("button", { type: "button", class: "latest", "aria-label": latest, onclick: () => this.toBottom(true) }, icon("down"));
    this.root = h("div", { class: "middle" }, this.#area, this.#latest);
    const byHand = (event: Event) => {
      // A press on a button in the conversation is no scrolling; one on the scroll bar is.
      if (event.target === this.#area || event.type === "wheel" || event.type === "touchmove") this.#scrolledAt = Date.now();
    };
    for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) this.#area.addEventListener(name, byHand, { passive: true });
    this.#area.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  get isFollowing(): boolean {
    return this.#follows;
  }

  /** `firstNew` is the first element that came and is not the customer's own. */
  follow(firstNew: HTMLElement | null, isOwn: boolean, isCard: boolean, smoothly: boolean): void {
    if (firstNew !== null && !this.#follows) this.#latest.classList.add("news");
    if (isOwn || (isCard && this.#follows)) this.toBottom(smoothly);
    else if (firstNew !== null && this.#follows) this.#toTopOf(firstNew, smoothly);
    this.#showLatest();
  }

  toBottom(smoothly: boolean): void {
    this.#follows = true;
    this.#scrollTo(this.#area.scrollHeight, smoothly);
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
    const top = line.offsetTop - this.#area.offsetTop - 12;
    const bottom = this.#area.scrollHeight - this.#area.clientHeight;
    this.#scrollTo(Math.min(top, bottom), smoothly);
  }

  #scrollTo(top: number, smoothly: boolean): void {
    const still = !smoothly || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (typeof this.#area.scrollTo === "function") this.#area.scrollTo({ top, behavior: still ? "auto" : "smooth" });
  }

  #isNear(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#area;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #showLatest(): void {
    this.#latest.hidden = this.#isNear();
    if (this.#latest.hidden) this.#latest.classList.remove("news");
  }
}
