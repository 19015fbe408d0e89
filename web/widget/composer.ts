// Where the customer writes: the field, the files that go along, and what is left of the room.

import type { Attachment } from "../shared/api";
import { h } from "./elements";
import type { Files } from "./files";
import { icon } from "./icons";
import type { Language } from "./language";
import { COUNTER_FROM_CHARS, MAX_TEXT_CHARS, countChars } from "./rules";
import type { Site } from "./site";
import { loadMoreTexts, type Texts } from "./texts/texts";

export interface ComposerWishes {
  /** Returns whether it was taken; else it stays. */
  says: (text: string, files: readonly Attachment[]) => boolean;
  drafts: (text: string) => void;
  keepsFiles: (files: readonly Attachment[]) => void;
  uploadTo: (name: string) => Promise<{ url: string; token: string }>;
}

export class Composer {
  readonly root: HTMLElement;
  readonly field: HTMLTextAreaElement;
  readonly #t: Texts;
  readonly #language: Language;
  readonly #wishes: ComposerWishes;
  readonly #limits: Site["attachments"];
  readonly #send: HTMLButtonElement;
  readonly #counter = h("div", { class: "counter", "aria-live": "polite" });
  readonly #chips = h("ul", { class: "chips", hidden: true });
  #files: Files | null = null;

  constructor(texts: Texts, language: Language, limits: Site["attachments"], wishes: ComposerWishes) {
    this.#t = texts;
    this.#language = language;
    this.#wishes = wishes;
    this.#limits = limits;
    this.field = h("textarea", { rows: "1", placeholder: texts.field, "aria-label": texts.field, enterkeyhint: "send", dir: "auto" });
    this.#send = h("button", { type: "button", class: "send", "aria-label": texts.send, onclick: () => this.send() }, icon("send"));
    this.root = h("div", {}, this.#chips, h("div", { class: "form" }, this.#picker(), this.field, this.#send), this.#counter);
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.field.addEventListener("paste", (event) => {
      const pasted = [...(event.clipboardData?.files ?? [])];
      if (pasted.length === 0 || limits === null) return;
      event.preventDefault();
      void this.takes(pasted);
    });
    this.grow();
  }

  async takes(files: readonly (File | Attachment)[]): Promise<void> {
    if (this.#limits === null || files.length === 0) return;
    const [{ Files }, more] = await Promise.all([import("./files"), loadMoreTexts(this.#language)]);
    this.#files ??= new Files(more, this.#t.retry, this.#limits, this.#chips, {
      uploadTo: this.#wishes.uploadTo,
      changed: () => {
        this.#wishes.keepsFiles(this.#files?.done ?? []);
        this.#count(false);
      },
      focuses: () => this.field.focus({ preventScroll: true }),
    });
    this.#files.takes(files);
  }

  /** Puts a text back, before what is there. */
  write(text: string): void {
    this.field.value = [text, this.field.value].filter((part) => part !== "").join("\n");
    this.typed();
  }

  clear(): void {
    this.#files?.clear();
    this.field.value = "";
    this.typed();
  }

  send(): void {
    if (this.#send.disabled) return;
    if (this.#wishes.says(this.field.value, this.#files?.done ?? [])) {
      this.field.value = "";
      this.#files?.sent();
      this.typed();
    } else this.#count(true);
    this.field.focus({ preventScroll: true });
  }

  typed(): void {
    this.#wishes.drafts(this.field.value);
    this.grow();
  }

  /** As high as its text; the style sheet sets the bound. */
  grow(): void {
    this.field.style.height = "auto";
    if (this.field.scrollHeight > 0) this.field.style.height = `${this.field.scrollHeight}px`;
    this.#count(false);
  }

  #picker(): HTMLElement | null {
    if (this.#limits === null) return null;
    const picker = h("input", { type: "file", multiple: true, hidden: true, accept: this.#limits.types.join() });
    picker.addEventListener("change", () => {
      void this.takes([...(picker.files ?? [])]);
      // The same file may be chosen again.
      picker.value = "";
      this.field.focus({ preventScroll: true });
    });
    const clip = h("button", { type: "button", class: "clip", "aria-label": this.#t.attach, title: this.#t.attach, onclick: () => picker.click() }, icon("clip"));
    return h("span", {}, clip, picker);
  }

  #pressed(event: KeyboardEvent): void {
    // Enter that ends the input of Chinese characters must not send; Safari reports it after the composition, as 229.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.send();
  }

  #count(isTurnedDown: boolean): void {
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
    const hasNothing = n === 0 && (this.#files?.done ?? []).length === 0;
    this.#send.disabled = isOver || hasNothing || this.#files?.isUploading === true;
  }
}
