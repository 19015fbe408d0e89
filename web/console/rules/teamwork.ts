// What the Team page shows and takes: opening hours, service levels and queues as fields of a form, and what is wrong with them.

import type { Hours, Levels, NewAgent, Queue, QueueRow } from "../team_api";
import { LANGUAGES, say, type Key, type Language } from "../texts";
import type { Problem } from "../../shared/api";
import { countChars } from "./outbox";
import { spanText, waitText } from "./words";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const LEVELS = ["claim", "first_reply", "next_reply", "resolution"] as const;
export type LevelName = (typeof LEVELS)[number];
export const MAX_CAPACITY = 1000;
const MAX_LEVEL_SECS = 30 * 86_400;
const USUAL_WARN_PERCENT = 75;
const USUAL_SKILL = 3;

/** One day of the week. Several spans are written as text; one span has two fields. */
export interface DayForm {
  kind: "closed" | "span" | "spans";
  from: string;
  until: string;
  spans: string;
}

/** A day with hours of its own, whatever its weekday. */
export interface SpecialForm {
  /** As a date field gives it: `2026-12-24`, or empty. */
  day: string;
  spans: string;
}

export interface HoursForm {
  /** False: always open. */
  isLimited: boolean;
  zone: string;
  days: DayForm[];
  holidays: string;
  special: SpecialForm[];
}

export interface LevelForm {
  /** As typed; empty: no such level. */
  n: string;
  unit: "secs" | "mins";
}

export interface MemberForm {
  agent: string;
  isIn: boolean;
  skill: number;
  capacity?: number;
}

export interface QueueForm {
  name: string;
  title: string;
  languages: string[];
  priority: string;
  assign: Queue["assign"];
  levels: Record<LevelName, LevelForm>;
  warn: string;
  members: MemberForm[];
  hours: HoursForm;
}

/** What is wrong with a form, and in which field. */
export interface Wrong {
  field: string;
  key: Key;
}

/** The whole number that was typed; NaN where it is none. */
export function wholeOf(typed: string): number {
  const text = typed.trim().replace(/^[−–]/, "-");
  return /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

/** In the order of the console's own list; empty: all. */
export function languagesChosen(chosen: readonly string[]): string[] {
  const others = chosen.filter((tag) => !LANGUAGES.some((language) => language === tag));
  return [...LANGUAGES.filter((language) => chosen.includes(language)), ...others];
}

// Levels

export function levelForm(secs: number | null): LevelForm {
  if (secs === null) return { n: "", unit: "mins" };
  return secs % 60 === 0 ? { n: String(secs / 60), unit: "mins" } : { n: String(secs), unit: "secs" };
}

/** Null: no such level; NaN: it is no time that the server takes. */
export function levelSecs({ n, unit }: LevelForm): number | null {
  if (!n.trim()) return null;
  const secs = wholeOf(n) * (unit === "mins" ? 60 : 1);
  return secs >= 1 && secs <= MAX_LEVEL_SECS ? secs : Number.NaN;
}

/** The whole time in words; nothing is rounded away, since it is a promise. */
export function exactSpanText(language: Language, secs: number): string {
  const isExact = secs < 60 || (secs < 86_400 ? secs % 60 === 0 : secs % 86_400 === 0);
  if (isExact) return spanText(language, secs);
  if (secs % 3600 === 0) return say(language, "hours", { n: secs / 3600 });
  return secs % 60 === 0 ? say(language, "mins", { n: secs / 60 }) : say(language, "secs", { n: secs });
}

/** "Claim within 20 s" and so on; what is not promised is left out. */
export function levelTexts(language: Language, levels: Levels): string[] {
  return LEVELS.flatMap((name) => {
    const secs = levels[`${name}_secs`];
    return secs === null ? [] : [say(language, `team_level_${name}`, { time: exactSpanText(language, secs) })];
  });
}

// Hours

/** The days of a key such as `mon` or `mon-fri`, also over the weekend; null: it names none. */
function daysOf(key: string): number[] | null {
  const [first = "", last = first, ...more] = key.split("-");
  const [from, to] = [first, last].map((name) => DAYS.findIndex((day) => day === name)) as [number, number];
  if (from < 0 || to < 0 || more.length) return null;
  const n = ((to - from + 7) % 7) + 1;
  return Array.from({ length: n }, (_, i) => (from + i) % 7);
}

/** The text of each day. A day that is written alone wins over a group of days. */
function weekOf(hours: Hours): string[] {
  const week = DAYS.map(() => "");
  const written = Object.entries(hours).flatMap(([key, text]) => {
    const days = daysOf(key);
    return days && typeof text === "string" ? [{ days, text: text.trim() }] : [];
  });
  written.sort((a, b) => b.days.length - a.days.length);
  for (const { days, text } of written) for (const day of days) week[day] = text === "closed" ? "" : text;
  return week;
}

const SPAN = /^([01]\d|2[0-3]):[0-5]\d\s*[-–]\s*(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

function spansIn(text: string): string[] {
  return text.split(",").map((span) => span.trim()).filter(Boolean);
}

export function dayForm(text: string): DayForm {
  const spans = spansIn(text);
  const one = spans.length === 1 && SPAN.test(spans[0]!) ? spans[0]!.split(/\s*[-–]\s*/) : null;
  const [from = "09:00", until = "18:00"] = one ?? [];
  // A field for times of day knows no 24:00.
  return { kind: !spans.length ? "closed" : one ? "span" : "spans", from, until: until === "24:00" ? "00:00" : until, spans: text };
}

export function dayText({ kind, from, until, spans }: DayForm): string {
  if (kind === "closed") return "";
  if (kind === "spans") return spansIn(spans).join(", ");
  return `${from}-${until === "00:00" ? "24:00" : until}`;
}

export function hoursForm(hours: Hours | undefined, zone: string): HoursForm {
  const week = weekOf(hours ?? { "mon-fri": "09:00-18:00" });
  const holidays = Array.isArray(hours?.["holidays"]) ? hours["holidays"] : [];
  return {
    isLimited: hours !== undefined,
    zone: typeof hours?.["zone"] === "string" ? hours["zone"] : zone,
    days: week.map(dayForm),
    holidays: holidays.filter((day) => typeof day === "string").join(", "),
    special: hours ? specialDays(hours).map(([day, spans]) => ({ day, spans })) : [],
  };
}

/** What the fields say, with the keys of `before` that have no field; undefined: always open. */
export function hoursOf(form: HoursForm, before: Hours | undefined): Hours | undefined {
  if (!form.isLimited) return undefined;
  const others = Object.entries(before ?? {}).filter(([key]) => !["zone", "holidays", "special"].includes(key) && !daysOf(key));
  const days = DAYS.map((day, i) => [day, dayText(form.days[i]!)]).filter(([, text]) => text);
  const holidays = holidaysIn(form.holidays);
  return {
    zone: form.zone.trim(),
    ...Object.fromEntries(days),
    ...(holidays.length ? { holidays } : {}),
    ...(form.special.length ? { special: Object.fromEntries(form.special.map(({ day, spans }) => [day, spansIn(spans).join(", ")])) } : {}),
    ...Object.fromEntries(others),
  };
}

function holidaysIn(typed: string): string[] {
  return [...new Set(typed.split(/[\s,;，、；]+/).filter(Boolean))];
}

function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Days one after the other with the same times stand in one line; closed days are left out. */
export function hoursLines(hours: Hours): { first: number; last: number; text: string }[] {
  const lines: { first: number; last: number; text: string }[] = [];
  for (const [day, times] of weekOf(hours).entries()) {
    const text = spansIn(times).join(", ").replaceAll("-", "–");
    const line = lines.at(-1);
    if (!text) continue;
    if (line?.text === text && line.last === day - 1) line.last = day;
    else lines.push({ first: day, last: day, text });
  }
  return lines;
}

export function holidaysOf(hours: Hours): string[] {
  const holidays = hours["holidays"];
  return Array.isArray(holidays) ? holidays.filter((day) => typeof day === "string") : [];
}

/** Days with other times than their weekday's. */
export function specialDays(hours: Hours): [day: string, text: string][] {
  const special = hours["special"];
  if (typeof special !== "object" || special === null) return [];
  const days = Object.entries(special).flatMap(([day, text]): [string, string][] => (typeof text === "string" ? [[day, text]] : []));
  return days.sort(([a], [b]) => a.localeCompare(b));
}

// Queues

const NEW_QUEUE: Queue = {
  name: "",
  languages: [],
  members: [],
  priority: 0,
  assign: "manual",
  levels: { claim_secs: 20, first_reply_secs: 900, next_reply_secs: 900, resolution_secs: null, warn_at_percent: USUAL_WARN_PERCENT },
};

/** Whoever works there stands in the form, also one who is no agent any more; `zone` is where hours begin. */
export function queueForm(queue: Queue = NEW_QUEUE, emails: readonly string[], zone: string): QueueForm {
  const gone = queue.members.map(({ agent }) => agent).filter((agent) => !emails.includes(agent));
  const { levels } = queue;
  return {
    name: queue.name,
    title: queue.title ?? "",
    languages: [...queue.languages],
    priority: String(queue.priority),
    assign: queue.assign,
    levels: {
      claim: levelForm(levels.claim_secs),
      first_reply: levelForm(levels.first_reply_secs),
      next_reply: levelForm(levels.next_reply_secs),
      resolution: levelForm(levels.resolution_secs),
    },
    warn: String(levels.warn_at_percent),
    members: [...emails, ...gone].map((agent) => {
      const member = queue.members.find((member) => member.agent === agent);
      const capacity = member?.capacity === undefined ? {} : { capacity: member.capacity };
      return { agent, isIn: member !== undefined, skill: member?.skill ?? USUAL_SKILL, ...capacity };
    }),
    hours: hoursForm(queue.hours, zone),
  };
}

/** The whole queue as the form says it; what has no field stays as it was. */
export function queueOf(form: QueueForm, before: Queue = NEW_QUEUE): Queue {
  const { source: _, is_open: __, title: ___, hours: ____, ...kept } = before as QueueRow;
  const title = form.title.trim();
  const hours = hoursOf(form.hours, before.hours);
  return {
    ...kept,
    name: form.name.trim(),
    ...(title ? { title } : {}),
    languages: languagesChosen(form.languages),
    ...(hours ? { hours } : {}),
    members: form.members.filter(({ isIn }) => isIn).map(({ isIn: _, ...member }) => member),
    priority: wholeOf(form.priority),
    assign: form.assign,
    levels: {
      ...before.levels,
      claim_secs: levelSecs(form.levels.claim),
      first_reply_secs: levelSecs(form.levels.first_reply),
      next_reply_secs: levelSecs(form.levels.next_reply),
      resolution_secs: levelSecs(form.levels.resolution),
      warn_at_percent: wholeOf(form.warn),
    },
  };
}

const isBetween = (n: number, from: number, to: number) => n >= from && n <= to;

/** The first thing wrong; `taken` are the names that a new queue cannot have. */
export function wrongInQueue(form: QueueForm, taken: readonly string[] = []): Wrong | null {
  const wrong: [boolean, string, Key][] = [
    [!/^[a-z0-9_-]{1,60}$/.test(form.name.trim()), "name", "team_bad_queue_name"],
    [taken.includes(form.name.trim()), "name", "team_queue_exists"],
    [countChars(form.title) > 100, "title", "team_bad_title"],
    [!isBetween(wholeOf(form.priority), -100, 100), "priority", "team_bad_priority"],
    ...LEVELS.map((name): [boolean, string, Key] => [Number.isNaN(levelSecs(form.levels[name])), name, "team_bad_level"]),
    [!isBetween(wholeOf(form.warn), 1, 100), "warn", "team_bad_warn"],
  ];
  const first = wrong.find(([is]) => is);
  return first ? { field: first[1], key: first[2] } : wrongInHours(form.hours);
}

/** Whether a zone exists is for the server to say. */
export function wrongInHours(form: HoursForm): Wrong | null {
  if (!form.isLimited) return null;
  if (!form.zone.trim()) return { field: "zone", key: "team_bad_zone" };
  const day = form.days.findIndex((day) => !isFine(day));
  if (day >= 0) return { field: DAYS[day]!, key: form.days[day]!.kind === "span" ? "team_bad_times" : "team_bad_spans" };
  if (!holidaysIn(form.holidays).every(isDay)) return { field: "holidays", key: "team_bad_holidays" };
  return wrongInSpecial(form);
}

/** The field is `special.` and which of them it is. */
function wrongInSpecial({ special, holidays }: HoursForm): Wrong | null {
  const taken = holidaysIn(holidays);
  for (const [i, { day, spans }] of special.entries()) {
    const field = `special.${i}`;
    if (!isDay(day)) return { field, key: "team_bad_day" };
    if (taken.includes(day)) return { field, key: "team_day_twice" };
    if (spans.trim() !== "closed" && !areSpans(spansIn(spans))) return { field, key: "team_bad_spans" };
    taken.push(day);
  }
  return null;
}

/** Midnight to midnight is the whole day. */
function isFine(day: DayForm): boolean {
  if (day.kind === "closed") return true;
  return areSpans(spansIn(dayText(day)));
}

function areSpans(spans: readonly string[]): boolean {
  return spans.length > 0 && spans.every((span) => SPAN.test(span) && new Set(span.split(/\s*[-–]\s*/)).size === 2);
}

// Agents

export function wrongInAgent({ email, name, password }: NewAgent): Wrong | null {
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.trim().length > 254) return { field: "email", key: "team_bad_email" };
  if (!isBetween(countChars(name.trim()), 1, 100)) return { field: "name", key: "team_bad_name" };
  return wrongInPassword(password);
}

export function wrongInPassword(password: string): Wrong | null {
  return isBetween(countChars(password), 8, 200) ? null : { field: "password", key: "team_bad_password" };
}

export function wrongInCapacity(typed: string): Wrong | null {
  return isBetween(wholeOf(typed), 0, MAX_CAPACITY) ? null : { field: "capacity", key: "team_bad_capacity" };
}

/** Why the server did not do it, as a sentence; null: it did not answer. `waitSecs`: until when it wants to be left alone. */
export function whyNotText(language: Language, problem: Problem | null, waitSecs: number | null = null): string {
  if (!problem) return say(language, "server_unreachable");
  if (problem.code === "email_taken") return say(language, "team_email_taken");
  if (problem.code === "bad_code" || problem.code === "wrong_password") return say(language, problem.code);
  if (problem.status === 429) {
    return say(language, problem.code === "locked_out" ? "locked_out" : "too_many_requests", { wait: waitText(language, waitSecs) });
  }
  return problem.status >= 500 ? say(language, "server_broken") : say(language, "refused", { detail: problem.detail ?? problem.code });
}
