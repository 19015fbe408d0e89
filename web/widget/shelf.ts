// Where the widget keeps things in the browser: the conversation under one key, each unsent saying under its own.
// One key for each saying, because two tabs of a shop write at once and must not overwrite each other's texts.

import type { Pending, Saved } from "./rules";

/** Raised when what is kept changes its shape; older entries are then ignored. */
const VERSION = 1;

export class Shelf {
  readonly #main: string;
  readonly #sayings: string;
  readonly #box: Box;

  constructor(site: string) {
    this.#main = `firstline.${VERSION}.${site}`;
    this.#sayings = `${this.#main}.pending.`;
    this.#box = openBox(() => window.localStorage);
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

  /** Calls when another tab changed the conversation. Returns how to stop. */
  onChange(heard: () => void): () => void {
    const listener = (event: StorageEvent) => {
      if (event.key === this.#main && event.newValue !== null) heard();
    };
    window.addEventListener("storage", listener);
    return () => window.removeEventListener("storage", listener);
  }
}

/** What of a tab survives a step to the next page: whether the panel is open, and the text in the field. */
export class Notepad {
  readonly #prefix: string;
  readonly #box: Box;

  constructor(site: string) {
    this.#prefix = `firstline.${VERSION}.${site}.`;
    this.#box = openBox(() => window.sessionStorage);
  }

  read(name: "open" | "draft"): string {
    return this.#box.getItem(this.#prefix + name) ?? "";
  }

  write(name: "open" | "draft", value: string): void {
    try {
      if (value === "") this.#box.removeItem(this.#prefix + name);
      else this.#box.setItem(this.#prefix + name, value);
    } catch {
      // A convenience only.
    }
  }
}

interface Box {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  keys(): string[];
}

/** The browser may forbid storage altogether; then memory has to do. */
function openBox(open: () => Storage): Box {
  try {
    const storage = open();
    storage.getItem("firstline");
    return {
      getItem: (key) => storage.getItem(key),
      setItem: (key, value) => storage.setItem(key, value),
      removeItem: (key) => storage.removeItem(key),
      keys: () => Object.keys(storage),
    };
  } catch {
    const memory = new Map<string, string>();
    return {
      getItem: (key) => memory.get(key) ?? null,
      setItem: (key, value) => void memory.set(key, value),
      removeItem: (key) => void memory.delete(key),
      keys: () => [...memory.keys()],
    };
  }
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}
