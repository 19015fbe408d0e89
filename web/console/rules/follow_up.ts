// When a promise is due: a few usual moments, and whether another one can be promised.

import { endOf } from "./passing";

export type Due = "hour" | "afternoon" | "tomorrow" | "three_days";

const AFTERNOON_HOUR = 15;
const HOUR_MS = 3_600_000;

/** In the order of their digits, from 1. An afternoon that is less than an hour away is none. */
export function duesFrom(now: Date): Due[] {
  const isEarly = dueOf("afternoon", now).getTime() - now.getTime() > HOUR_MS;
  return ["hour", ...(isEarly ? (["afternoon"] as const) : []), "tomorrow", "three_days"];
}

/** By this machine's calendar; days end where they began by the clock, also over a change to summer time. */
export function dueOf(due: Due, now: Date): Date {
  switch (due) {
    case "hour":
    case "tomorrow":
      // Only a rest until the customer writes has no end.
      return endOf(due, now)!;
    case "afternoon":
      return new Date(now.getFullYear(), now.getMonth(), now.getDate(), AFTERNOON_HOUR);
    case "three_days":
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 3, now.getHours(), now.getMinutes());
  }
}

/** The moment that was chosen; null where none was, or one that is over. */
export function chosenDue(typed: string, now: Date): Date | null {
  const due = new Date(typed);
  return due.getTime() > now.getTime() ? due : null;
}
