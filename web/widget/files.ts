// The files that will go along with the next words: sent at once, shown with their progress, taken back at will. Loaded with the first.

import { CallFailed, type Attachment } from "../shared/api";
import { dress, h } from "./elements";
import css from "./files.css?inline";
import { icon } from "./icons";
import { MAX_FILES } from "./rules";
import type { Site } from "./site";
import type { MoreTexts } from "./texts/texts";
import { upload } from "./upload";

export interface FilesWishes {
  /** Where a file of this name goes, and with which token. */
  uploadTo: (name: string) => Promise<{ url: string; token: string }>;
  changed: () => void;
  /** The customer took one away. */
  focuses: () => void;
}

interface Item {
  readonly root: HTMLElement;
  readonly stop: AbortController;
  is: "uploading" | "failed" | Attachment;
}

export class Files {
  readonly #t: MoreTexts;
  readonly #retry: string;
  readonly #limits: NonNullable<Site["attachments"]>;
  readonly #list: HTMLElement;
  readonly #wishes: FilesWishes;
  #items: readonly Item[] = [];

  constructor(texts: MoreTexts, retry: string, limits: NonNullable<Site["attachments"]>, list: HTMLElement, wishes: FilesWishes) {
    this.#t = texts;
    this.#retry = retry;
    this.#limits = limits;
    this.#list = list;
    this.#wishes = wishes;
    dress(list.getRootNode() as ShadowRoot, css);
  }

  /** Those that have arrived at the server. */
  get done(): readonly Attachment[] {
    return this.#items.map(({ is }) => is).filter((is): is is Attachment => typeof is !== "string");
  }

  get isUploading(): boolean {
    return this.#items.some(({ is }) => is === "uploading");
  }

  /** Chosen, dropped or pasted ones, or such as arrived before a reload. What cannot be sent says why, at its place. */
  takes(files: readonly (File | Attachment)[]): void {
    for (const file of files) {
      if (!(file instanceof File)) {
        this.#add(file.name, file);
        continue;
      }
      const isFull = this.#items.length >= MAX_FILES && this.#t.tooManyFiles(MAX_FILES);
      const isStrange = file.type !== "" && !this.#limits.types.includes(file.type) && this.#t.badType;
      const isLarge = file.size > this.#limits.max_bytes && this.#tooLarge();
      this.#add(file.name, isFull || isStrange || isLarge || file);
      if (isFull) return;
    }
  }

  /** The words were sent. What could not be uploaded stays, so that nobody thinks it was. */
  sent(): void {
    this.#become(this.#items.filter(({ is }) => typeof is === "string"));
  }

  clear(): void {
    for (const { stop } of this.#items) stop.abort();
    this.#become([]);
  }

  #tooLarge(): string {
    return this.#t.tooLarge(Math.floor(this.#limits.max_bytes / 1_048_576));
  }

  /** A file to send, one that arrived already, or why there is none. */
  #add(name: string, what: File | Attachment | string): void {
    const remove = h("button", { type: "button", class: "remove", "aria-label": this.#t.remove(name) }, icon("close"));
    const said = h("span", { class: "said", role: "status" });
    const bar = h("progress", { max: "100", value: "0", "aria-label": name, hidden: true });
    const retry = h("button", { type: "button", class: "link", hidden: true }, this.#retry);
    const root = h("li", { class: "chip" }, icon("file"), h("bdi", { class: "name" }, name), said, bar, retry, remove);
    const item: Item = { root, stop: new AbortController(), is: typeof what === "string" || what instanceof File ? "failed" : what };
    remove.addEventListener("click", () => {
      item.stop.abort();
      this.#become(this.#items.filter((other) => other !== item));
      this.#wishes.focuses();
    });
    this.#become([...this.#items, item]);
    if (typeof what === "string") said.textContent = what;
    if (!(what instanceof File)) return;
    const begin = async () => {
      item.is = "uploading";
      said.textContent = "";
      retry.hidden = true;
      bar.hidden = false;
      this.#become(this.#items);
      try {
        item.is = await upload(await this.#wishes.uploadTo(name), what, (percent) => (bar.value = percent), item.stop.signal);
      } catch (error) {
        item.is = "failed";
        const code = error instanceof CallFailed ? error.code : null;
        said.textContent = code === "bad_type" ? this.#t.badType : code === "too_large" ? this.#tooLarge() : this.#t.uploadFailed;
        retry.hidden = code === "bad_type" || code === "too_large";
      }
      bar.hidden = true;
      this.#become(this.#items);
    };
    retry.addEventListener("click", () => void begin());
    void begin();
  }

  #become(items: readonly Item[]): void {
    // What stands there already keeps the focus.
    if (items !== this.#items) this.#list.replaceChildren(...items.map(({ root }) => root));
    this.#items = items;
    this.#list.hidden = items.length === 0;
    this.#wishes.changed();
  }
}
