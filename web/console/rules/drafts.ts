// Unsent words, kept on this machine per agent and conversation, so that nothing typed is lost.

import type { Brings } from "./canned";

/** What `localStorage` is; tests bring a map. Writing may throw when the quota is used up. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export interface Kept<T> {
  at: number;
  value: T;
}

/**
 * Values under `firstline.<drawer>.<agent>.<key>`: one entry each, so that two windows never overwrite each other's.
 * At most `max`; the oldest goes first. A full or forbidden shelf keeps nothing and breaks nothing.
 */
export class Drawer<T> {
  private readonly prefix: string;

  constructor(
    private readonly shelf: Shelf,
    drawer: string,
    agent: string,
    private readonly max: number,
  ) {
    this.prefix = `firstline.${drawer}.${encodeURIComponent(agent)}.`;
  }

  get(key: string): T | null {
    return this.read(this.prefix + key)?.value ?? null;
  }

  /** Says whether it was kept. */
  put(key: string, value: T, now: number): boolean {
    try {
      this.shelf.setItem(this.prefix + key, JSON.stringify({ at: now, value } satisfies Kept<T>));
    } catch {
      return false;
    }
    const kept = this.entries();
    for (const { key: oldest } of kept.slice(0, Math.max(0, kept.length - this.max))) this.remove(oldest);
    return true;
  }

  remove(key: string) {
    try {
      this.shelf.removeItem(this.prefix + key);
    } catch {
      // A shelf that cannot be written was not written before either.
    }
  }

  /** Oldest first. */
  entries(): { key: string; at: number; value: T }[] {
    const found = [];
    for (let i = 0; i < this.shelf.length; i++) {
      const name = this.shelf.key(i);
      if (!name?.startsWith(this.prefix)) continue;
      const kept = this.read(name);
      if (kept) found.push({ key: name.slice(this.prefix.length), ...kept });
    }
    return found.sort((a, b) => a.at - b.at);
  }

  private read(name: string): Kept<T> | null {
    try {
      const kept = JSON.parse(this.shelf.getItem(name) ?? "null") as Kept<T> | null;
      return kept && typeof kept.at === "number" ? kept : null;
    } catch {
      return null;
    }
  }
}

/** Words that are not sent yet, with what sending them does besides. */
export interface Draft {
  text: string;
  brings: Brings | null;
}

/** As it lies on the shelf. Words that bring nothing lie there alone, as older consoles left all of them. */
export type KeptDraft = string | (Draft & { brings: Brings });

export function toKeep({ text, brings }: Draft): KeptDraft {
  return brings ? { text, brings } : text;
}

/** Null: somebody else left it there. */
export function readDraft(kept: unknown): Draft | null {
  if (typeof kept === "string") return { text: kept, brings: null };
  const { text, brings } = (kept ?? {}) as Partial<Draft>;
  if (typeof text !== "string") return null;
  const isWhole = Array.isArray(brings?.tags) && typeof brings.ends === "boolean";
  return { text, brings: isWhole ? brings : null };
}

/** Where the browser forbids `localStorage`, drafts live as long as the page. */
export function shelfInMemory(): Shelf {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    key: (i) => [...kept.keys()][i] ?? null,
  };
}
