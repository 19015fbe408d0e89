// What the widget keeps: the conversation under one key, each unsent saying under its own.
// One key for each saying, because two tabs of a shop write at once and must not overwrite each other's texts.

import type { Pending, Saved } from "./rules";
import { openBox, storeName, type Box } from "./storage";

/** What the tabs of a site tell each other. */
export type News =
  /** Everything up to this turn was seen; so many are left. */
  | { readonly conversation: string; readonly seen: number; readonly unseen: number }
  /** The customer signed out. */
  | { readonly out: true };

export class Shelf {
  readonly #main: string;
  readonly #sayings: string;
  readonly #box: Box;
  readonly #channel: BroadcastChannel;

  constructor(site: string) {
    this.#main = storeName(site);
    this.#sayings = `${this.#main}.pending.`;
    this.#box = openBox(() => window.localStorage);
    this.#channel = new BroadcastChannel(storeName(site));
  }

  saved(): Saved | null {
    const value = parse(this.#box.getItem(this.#main)) as Partial<Saved> | null;
    return value !== null && typeof value.client_id === "string" && Array.isArray(value.turns) ? (value as Saved) : null;
  }

  save(saved: Saved | null): void {
    if (saved === null) return this.#box.removeItem(this.#main);
    try {
      this.#box.setItem(this.#main, JSON.stringify(saved));
    } catch {
      // The store is full. The turns can be fetched again; the token cannot.
      try {
        this.#box.setItem(this.#main, JSON.stringify({ ...saved, turns: [], through: 0, phase_seq: 0 }));
      } catch {
        // Then this visit is all there is.
      }
    }
  }

  pending(): Pending[] {
    return this.#box
      .keys()
      .filter((key) => key.startsWith(this.#sayings))
      .map((key) => parse(this.#box.getItem(key)) as Pending | null)
      .filter((pending): pending is Pending => typeof pending?.clientId === "string" && typeof pending.deed === "object");
  }

  /** Writes what is new or changed and removes what is settled; entries that this tab never had stay alone. */
  keepPending(before: readonly Pending[], after: readonly Pending[]): void {
    for (const pending of after) {
      if (before.includes(pending)) continue;
      try {
        this.#box.setItem(this.#sayings + pending.clientId, JSON.stringify(pending));
      } catch {
        // The store is full: the text is still in memory and on the screen.
      }
    }
    for (const { clientId } of before) {
      if (!after.some((pending) => pending.clientId === clientId)) this.#box.removeItem(this.#sayings + clientId);
    }
  }

  /** Nothing of this customer stays in the browser. */
  forget(): void {
    for (const key of this.#box.keys()) {
      if (key === this.#main || key.startsWith(this.#sayings)) this.#box.removeItem(key);
    }
  }

  tells(news: News): void {
    this.#channel.postMessage(news);
  }

  /** Calls when another tab changed the conversation, or has news. Returns how to stop. */
  onChange(changed: () => void, heard: (news: News) => void): () => void {
    const listener = (event: StorageEvent) => {
      if (event.key === this.#main && event.newValue !== null) changed();
    };
    window.addEventListener("storage", listener);
    this.#channel.onmessage = ({ data }: MessageEvent<News>) => heard(data);
    return () => {
      window.removeEventListener("storage", listener);
      this.#channel.close();
    };
  }

  /** Runs `deed` while no other tab of the site runs one; where the browser cannot tell, at once. */
  async alone(deed: () => Promise<void>): Promise<void> {
    const locks = (navigator as { locks?: LockManager }).locks;
    if (locks === undefined) return deed();
    await locks.request(this.#main, deed);
  }
}

type Note = "open" | "draft" | "details" | "files";

/** What of a tab survives a step to the next page: whether the panel is open, and what stands in its fields. */
export class Notepad {
  readonly #prefix: string;
  readonly #box: Box;

  constructor(site: string) {
    this.#prefix = `${storeName(site)}.`;
    this.#box = openBox(() => window.sessionStorage);
  }

  read(name: Note): string {
    return this.#box.getItem(this.#prefix + name) ?? "";
  }

  write(name: Note, value: string): void {
    try {
      if (value === "") this.#box.removeItem(this.#prefix + name);
      else this.#box.setItem(this.#prefix + name, value);
    } catch {
      // A convenience only.
    }
  }
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}
