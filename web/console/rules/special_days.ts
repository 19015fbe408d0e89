// Special days of a queue: one as the fields of a form, their order, and which of them come next.

import type { Hours } from "../team_api";
import type { Key } from "../texts";
import { dayForm, dayText, holidaysOf, specialDays, type DayForm, type SpecialForm } from "./teamwork";

/** A special day's hours are written as a weekday's are. */
export function fieldsOf(spans: string): DayForm {
  const text = spans.trim();
  return dayForm(text === "closed" ? "" : text);
}

export function spansOf(day: DayForm): string {
  if (day.kind === "closed") return "closed";
  return day.kind === "spans" ? day.spans : dayText(day);
}

/** Two fields for one span cannot be written wrongly, only left empty or alike. */
export function whyWrong(key: Key, { kind }: DayForm): Key {
  return key === "team_bad_spans" && kind === "span" ? "team_bad_times" : key;
}

/** By date; a day that is not chosen yet comes last. */
export function inOrder(a: Pick<SpecialForm, "day">, b: Pick<SpecialForm, "day">): number {
  if (!a.day || !b.day) return Number(!a.day) - Number(!b.day);
  return a.day < b.day ? -1 : Number(a.day > b.day);
}

/** The day in that zone as `2026-12-24`; in the reader's own where the browser does not know the zone. */
export function todayIn(zone: string, nowMs: number): string {
  // Swedish dates are written so.
  const format = (timeZone?: string) =>
    new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", timeZone }).format(nowMs);
  try {
    return format(zone);
  } catch {
    return format();
  }
}

/** Today is not past. */
export function isPast(day: string, today: string): boolean {
  return day !== "" && day < today;
}

export interface ComingDay {
  day: string;
  /** Null: closed. */
  spans: string | null;
}

/** Holidays and special days from today on, by date. */
export function comingDays(hours: Hours, today: string): ComingDay[] {
  const special = specialDays(hours).map(([day, text]): ComingDay => {
    const spans = fieldsOf(text).spans.trim();
    return { day, spans: spans ? spans.replaceAll("-", "–") : null };
  });
  const holidays = holidaysOf(hours).map((day): ComingDay => ({ day, spans: null }));
  return [...holidays, ...special].filter(({ day }) => !isPast(day, today)).sort(inOrder);
}
