// Where the widget keeps things in the browser, by name. The browser may forbid storage altogether; then memory has to do.

/** Raised when what is kept changes its shape; older entries are then ignored. */
const VERSION = 1;

/** The conversation of a site, the channel between its tabs, and the beginning of every other name. */
export const storeName = (site: string) => `firstline.${VERSION}.${site}`;

export interface Box {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  keys(): string[];
}

export function openBox(open: () => Storage): Box {
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
