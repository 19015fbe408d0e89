// Waiting times as people say them, and how urgent they are.

export type Urgency = "calm" | "soon" | "late";

/** The shipped promise is to claim within 20 s; after five minutes a customer has usually gone. */
export const SOON_AFTER_SECS = 20;
export const LATE_AFTER_SECS = 5 * 60;

export function urgency(secs: number): Urgency {
  if (secs >= LATE_AFTER_SECS) return "late";
  return secs >= SOON_AFTER_SECS ? "soon" : "calm";
}

/** Whole seconds between two moments, never negative; 0 where `from` is no time at all. */
export function secsBetween(from: string | null | undefined, nowMs: number): number {
  const start = Date.parse(from ?? "");
  return Number.isNaN(start) ? 0 : Math.max(0, Math.floor((nowMs - start) / 1000));
}

export interface Level {
  clock: "claim" | "first_reply" | "next_reply" | "resolution";
  urgency: Urgency;
  /** Until it is due, or since. */
  secs: number;
}

const LEVELS: readonly string[] = ["claim", "first_reply", "next_reply", "resolution"];

/** A service level that runs: calm, amber from its warning, red when it is missed. Other clocks are not for the eye. */
export function levelOf(due: { clock: string; warn_at: string | null; due_at: string } | undefined, nowMs: number): Level | null {
  if (!due || !LEVELS.includes(due.clock)) return null;
  const left = Math.round((Date.parse(due.due_at) - nowMs) / 1000);
  const warned = due.warn_at !== null && Date.parse(due.warn_at) <= nowMs;
  return { clock: due.clock as Level["clock"], urgency: left < 0 ? "late" : warned ? "soon" : "calm", secs: Math.abs(left) };
}

export type Unit = "secs" | "mins" | "hours" | "days";
export interface Span {
  unit: Unit;
  n: number;
  /** The next smaller unit, only beside hours: "1 h 20 min". */
  rest: number;
}

/** The coarsest unit that still tells something: 45 s, 3 min, 1 h 20 min, 2 d. */
export function span(secs: number): Span {
  if (secs < 60) return { unit: "secs", n: secs, rest: 0 };
  if (secs < 3600) return { unit: "mins", n: Math.floor(secs / 60), rest: 0 };
  if (secs < 86_400) return { unit: "hours", n: Math.floor(secs / 3600), rest: Math.floor((secs % 3600) / 60) };
  return { unit: "days", n: Math.floor(secs / 86_400), rest: 0 };
}

/** The same moment's day in the reader's own time zone, "2026-03-01". */
export function dayOf(at: string): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Milliseconds as a trace shows them: 0.4, 7.2, 31. */
export function millis(us: number): string {
  const ms = us / 1000;
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

/** How far the server's clock is ahead of this one; small differences are the network's, not the clock's. */
export function clockOffset(serverDate: string | null, nowMs: number): number {
  const server = Date.parse(serverDate ?? "");
  const ahead = server - nowMs;
  return Number.isNaN(server) || Math.abs(ahead) < 2_000 ? 0 : ahead;
}
