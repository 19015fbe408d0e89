// Whether what is shown can be trusted to be fresh, and when to try again.

export type Link = "live" | "polling" | "offline";

export interface Signs {
  browserOnline: boolean;
  socketOpen: boolean;
  /** Whether the last request reached the server. */
  lastFetchOk: boolean;
}

export const POLL_MS = 15_000;
/** A socket that only seems open, after a sleep or behind a dead router, is found out by this. */
export const POLL_WHILE_LIVE_MS = 60_000;
/** A heartbeat that comes this late means that the machine slept; a hidden window's timers may be a minute late without that. */
export const SLEPT_MS = 90_000;

export function linkOf(signs: Signs): Link {
  if (!signs.browserOnline || !signs.lastFetchOk) return "offline";
  return signs.socketOpen ? "live" : "polling";
}

export function pollEvery(socketOpen: boolean): number {
  return socketOpen ? POLL_WHILE_LIVE_MS : POLL_MS;
}

const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 30_000;

/** 0.5, 1, 2 … 30 s, each shortened by up to a half, so that a restarted server is not met by everyone at once. */
export function reconnectWait(nFailures: number, chance: number): number {
  const wait = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(nFailures, 10));
  return Math.round(wait * (1 - chance / 2));
}

/** The window's title: how many wait and how many call comes first, where a narrow tab still shows it. */
export function titleOf(nWaiting: number, nMentioned = 0): string {
  const n = nWaiting + nMentioned;
  return n > 0 ? `(${n > 99 ? "99+" : n}) Firstline` : "Firstline";
}
