// Where a conversation can be passed on to, and until when it can be set aside.

import type { Presence, Queue, Staff } from "../wire";

export type Place =
  | { kind: "agent"; key: string; id: string; name: string; presence: Presence; open: number; capacity: number }
  | { kind: "queue"; key: string; id: string; name: string; isOpen: boolean };

const RANK: Record<Presence, number> = { online: 0, away: 1, offline: 2 };

/** Everybody else, those who are there first, then the queues; narrowed to the words that were typed. */
export function reachable(staff: readonly Staff[], queues: readonly Queue[], me: string, wanted: string): Place[] {
  const agents = staff
    .filter(({ id }) => id !== me)
    .sort((a, b) => RANK[a.presence] - RANK[b.presence] || a.open / Math.max(1, a.capacity) - b.open / Math.max(1, b.capacity))
    .map(({ id, name, presence, open, capacity }): Place => ({ kind: "agent", key: `agent-${id}`, id, name, presence, open, capacity }));
  const lines = queues.map(({ name, title, is_open }): Place => ({ kind: "queue", key: `queue-${name}`, id: name, name: title || name, isOpen: is_open }));
  const words = wanted.trim().toLocaleLowerCase();
  return [...agents, ...lines].filter(({ name, id }) => !words || name.toLocaleLowerCase().includes(words) || id.includes(words));
}

export type Rest = "hour" | "three_hours" | "tomorrow" | "monday" | "reply";
/** In the order of their digits, from 1. */
export const RESTS: readonly Rest[] = ["hour", "three_hours", "tomorrow", "monday", "reply"];
/** People come to work then. */
const MORNING_HOUR = 9;

/** The end of a rest by this machine's calendar; null: until the customer writes. */
export function endOf(rest: Rest, now: Date): Date | null {
  switch (rest) {
    case "hour":
      return new Date(now.getTime() + 3_600_000);
    case "three_hours":
      return new Date(now.getTime() + 3 * 3_600_000);
    case "tomorrow":
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, MORNING_HOUR);
    case "monday": {
      const days = (8 - now.getDay()) % 7 || 7;
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING_HOUR);
    }
    case "reply":
      return null;
  }
}
