// Gathers hints, so that a busy desk asks the server a few times a second and not once per word.

import type { Hint } from "../wire";

/** What a batch of hints asks to be fetched again. */
export interface Stale {
  list: boolean;
  health: boolean;
  conversations: Set<string>;
}

export const GATHER_MS = 100;
/** What is not on the screen changes counts at most: it is soon enough by then. */
export const LATER_MS = 2_000;

export function nothing(): Stale {
  return { list: false, health: false, conversations: new Set() };
}

export function add(stale: Stale, hint: Hint): Stale {
  switch (hint.hint) {
    case "conversation":
      // The list shows last words and counts, so it is stale as well.
      return { ...stale, list: true, conversations: new Set([...stale.conversations, hint.id]) };
    case "queue":
      return { ...stale, list: true };
    case "knowledge":
      return { ...stale, health: true };
  }
}

/** A frame of the live socket, or null for what this version does not know. */
export function parseHint(frame: unknown): Hint | null {
  let value: unknown;
  try {
    value = typeof frame === "string" ? JSON.parse(frame) : null;
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { hint, id } = value as { hint?: unknown; id?: unknown };
  if (hint === "conversation" && typeof id === "string") return { hint, id };
  return hint === "queue" || hint === "knowledge" ? { hint } : null;
}

export interface Clock {
  now(): number;
  after(ms: number, run: () => void): void;
}

/**
 * Calls `refetch` at once for the first hint and then at most every `everyMs`, never while an earlier call still runs.
 * A hint that comes in between is never lost: it waits for the next call.
 */
export class Gatherer {
  private stale = nothing();
  private armed = false;
  private last = -Infinity;

  constructor(
    private readonly refetch: (stale: Stale) => Promise<void>,
    private readonly clock: Clock,
    private readonly everyMs: () => number = () => GATHER_MS,
  ) {}

  take(hint: Hint) {
    this.stale = add(this.stale, hint);
    this.arm();
  }

  private arm() {
    if (this.armed) return;
    this.armed = true;
    const wait = Math.max(0, this.last + this.everyMs() - this.clock.now());
    if (wait === 0) void this.run();
    else this.clock.after(wait, () => void this.run());
  }

  private async run() {
    const stale = this.stale;
    this.stale = nothing();
    this.last = this.clock.now();
    try {
      await this.refetch(stale);
    } catch {
      // Whoever fetches says what went wrong; here only the next hint counts.
    }
    this.armed = false;
    if (this.stale.list || this.stale.health || this.stale.conversations.size) this.arm();
  }
}
