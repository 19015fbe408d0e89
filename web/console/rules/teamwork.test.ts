// @vitest-environment node
import { expect, test } from "vitest";
import type { Hours, QueueRow } from "../team_api";
import {
  DAYS,
  exactSpanText,
  hoursForm,
  hoursLines,
  hoursOf,
  levelForm,
  levelSecs,
  levelTexts,
  queueForm,
  queueOf,
  specialDays,
  whyNotText,
  wholeOf,
  wrongInAgent,
  wrongInCapacity,
  wrongInHours,
  wrongInPassword,
  wrongInQueue,
} from "./teamwork";

const SHOP: Hours = {
  zone: "Europe/Berlin",
  holidays: ["2026-12-25", "2027-01-01"],
  special: { "2026-12-24": "09:00-12:00" },
  mon: "09:00-18:00",
  tue: "09:00-18:00",
  wed: "22:00-06:00",
  fri: "18:00-24:00",
  sat: "10:00-14:00, 15:00-16:00",
  sun: "00:00-24:00",
};
const row: QueueRow = {
  name: "returns",
  title: "Returns",
  languages: ["ru"],
  hours: SHOP,
  members: [{ agent: "ann@shop.example", skill: 5, capacity: 2 }, { agent: "gone@shop.example", skill: 1 }],
  priority: -5,
  assign: "balanced",
  levels: { claim_secs: 20, first_reply_secs: 900, next_reply_secs: null, resolution_secs: 90_000, warn_at_percent: 60 },
  source: "console",
  is_open: true,
};

test("hours come back from the form as they went in, with what the form does not know", () => {
  const check = (hours: Hours) => expect(hoursOf(hoursForm(hours, "UTC"), hours)).toEqual(hours);
  check(SHOP);
  check({ zone: "UTC" });
  check({ zone: "UTC", lunch: { from: 12 }, mon: "09:00-18:00" });
  expect(hoursForm(SHOP, "UTC").days.map(({ kind }) => kind)).toEqual(["span", "span", "span", "closed", "span", "spans", "span"]);
  // A field for times of day has no 24:00.
  expect(hoursForm(SHOP, "UTC").days[4]).toMatchObject({ from: "18:00", until: "00:00" });
});

test("groups of days become days, and a day alone wins", () => {
  const hours = { zone: "UTC", "sat-mon": "10:00-12:00", "mon-fri": "09:00 – 18:00", wed: "closed", "mon-tue-wed": "x" };
  const days = { mon: "09:00-18:00", tue: "09:00-18:00", thu: "09:00-18:00", fri: "09:00-18:00", sat: "10:00-12:00", sun: "10:00-12:00" };
  expect(hoursOf(hoursForm({ ...hours, mon: "09:00-18:00" }, "UTC"), hours)).toEqual({ zone: "UTC", ...days, "mon-tue-wed": "x" });
});

test("always open has no hours; hours begin with the week of an office", () => {
  const form = hoursForm(undefined, "Asia/Taipei");
  expect(hoursOf(form, undefined)).toBeUndefined();
  expect(hoursOf(form, SHOP)).toBeUndefined();
  const begun = hoursOf({ ...form, isLimited: true, holidays: " 2026-12-25，2026-12-25;2026-12-26 " }, undefined);
  expect(begun).toMatchObject({ zone: "Asia/Taipei", mon: "09:00-18:00", fri: "09:00-18:00", holidays: ["2026-12-25", "2026-12-26"] });
  expect(begun).not.toHaveProperty("sat");
});

test("days with the same times stand in one line", () => {
  expect(hoursLines(SHOP)).toEqual([
    { first: 0, last: 1, text: "09:00–18:00" },
    { first: 2, last: 2, text: "22:00–06:00" },
    { first: 4, last: 4, text: "18:00–24:00" },
    { first: 5, last: 5, text: "10:00–14:00, 15:00–16:00" },
    { first: 6, last: 6, text: "00:00–24:00" },
  ]);
  expect(hoursLines({ zone: "UTC" })).toEqual([]);
  expect(specialDays({ ...SHOP, special: { "2027-01-02": "closed", "2026-12-24": "09:00-12:00" } })).toEqual([
    ["2026-12-24", "09:00-12:00"],
    ["2027-01-02", "closed"],
  ]);
});

test("what is wrong with hours is said of its field", () => {
  const form = hoursForm(SHOP, "UTC");
  const withDay = (i: number, day: object) => ({ ...form, days: form.days.map((was, j) => (i === j ? { ...was, ...day } : was)) });
  expect(wrongInHours(form)).toBeNull();
  expect(wrongInHours({ ...form, zone: " " })).toEqual({ field: "zone", key: "team_bad_zone" });
  expect(wrongInHours({ ...form, zone: " ", isLimited: false })).toBeNull();
  expect(wrongInHours(withDay(0, { until: "" }))).toEqual({ field: DAYS[0], key: "team_bad_times" });
  expect(wrongInHours(withDay(1, { until: "09:00" }))).toEqual({ field: DAYS[1], key: "team_bad_times" });
  expect(wrongInHours(withDay(1, { from: "00:00", until: "00:00" }))).toBeNull();
  expect(wrongInHours(withDay(5, { spans: "10-14" }))).toEqual({ field: DAYS[5], key: "team_bad_spans" });
  expect(wrongInHours({ ...form, holidays: "25.12.2026" })).toEqual({ field: "holidays", key: "team_bad_holidays" });
  const special = (day: string, spans = "10:00-12:00") => wrongInHours({ ...form, special: [...form.special, { day, spans }] });
  expect(special("2026-12-31")).toBeNull();
  expect(special("2026-12-31", "closed")).toBeNull();
  expect(special("")).toEqual({ field: "special.1", key: "team_bad_day" });
  expect(special("2026-12-24")).toEqual({ field: "special.1", key: "team_day_twice" });
  expect(special("2026-12-25")).toEqual({ field: "special.1", key: "team_day_twice" });
  expect(special("2026-12-31", "10-12")).toEqual({ field: "special.1", key: "team_bad_spans" });
  expect(special("2026-12-31", " ")).toEqual({ field: "special.1", key: "team_bad_spans" });
  expect(wrongInHours({ ...form, holidays: "2026-02-30" })).toEqual({ field: "holidays", key: "team_bad_holidays" });
});

test("levels are typed in minutes or seconds, and nothing is lost on the way", () => {
  for (const secs of [null, 1, 20, 60, 90, 900, 90_000, 2_592_000]) expect(levelSecs(levelForm(secs))).toBe(secs);
  expect(levelForm(900)).toEqual({ n: "15", unit: "mins" });
  expect(levelForm(90)).toEqual({ n: "90", unit: "secs" });
  for (const n of ["0", "-1", "1.5", "ten", "99999999"]) expect(levelSecs({ n, unit: "mins" }), n).toBeNaN();
  expect(["20", "−5", " 7 ", "", "1e3"].map(wholeOf)).toEqual([20, -5, 7, Number.NaN, Number.NaN]);
});

test("levels in words are exact", () => {
  expect(levelTexts("en", row.levels)).toEqual(["Claim within 20 s", "First reply within 15 min", "Resolved within 25 h"]);
  expect([90, 5400, 86_400, 88_260].map((secs) => exactSpanText("en", secs))).toEqual(["90 s", "1 h 30 min", "1 d", "1471 min"]);
});

test("a queue comes back from its form as it went in", () => {
  const { source: _, is_open: __, ...queue } = row;
  const form = queueForm(row, ["ann@shop.example", "bob@shop.example"], "UTC");
  expect(queueOf(form, row)).toEqual(queue);
  expect(form.members.map(({ agent, isIn, skill }) => [agent, isIn, skill])).toEqual([
    ["ann@shop.example", true, 5],
    ["bob@shop.example", false, 3],
    ["gone@shop.example", true, 1],
  ]);
  const emptied = { ...form, title: " ", hours: { ...form.hours, isLimited: false } };
  expect(queueOf(emptied, row)).not.toHaveProperty("title");
  expect(queueOf(emptied, row)).not.toHaveProperty("hours");
  expect(queueOf({ ...form, languages: ["ru", "en"] }, { ...row, later: 1 } as QueueRow)).toMatchObject({ later: 1, languages: ["en", "ru"] });
});

test("what is wrong with a queue is said of its field", () => {
  const form = { ...queueForm(undefined, [], "UTC"), name: "vip" };
  expect(wrongInQueue(form)).toBeNull();
  expect(wrongInQueue({ ...form, name: "VIP" })).toEqual({ field: "name", key: "team_bad_queue_name" });
  expect(wrongInQueue(form, ["vip"])).toEqual({ field: "name", key: "team_queue_exists" });
  expect(wrongInQueue({ ...form, priority: "101" })?.field).toBe("priority");
  expect(wrongInQueue({ ...form, warn: "" })?.field).toBe("warn");
  expect(wrongInQueue({ ...form, title: "x".repeat(101) })?.field).toBe("title");
  expect(wrongInQueue({ ...form, levels: { ...form.levels, next_reply: { n: "x", unit: "secs" } } })?.field).toBe("next_reply");
  expect(wrongInQueue({ ...form, hours: { ...form.hours, isLimited: true, zone: "" } })?.field).toBe("zone");
});

test("what is wrong with an agent is said of its field", () => {
  const agent = { email: "bob@shop.example", name: "Bob", role: "agent" as const, password: "12345678" };
  expect(wrongInAgent(agent)).toBeNull();
  expect(wrongInAgent({ ...agent, email: "bob" })?.field).toBe("email");
  expect(wrongInAgent({ ...agent, name: " " })?.field).toBe("name");
  expect(wrongInPassword("1234567")?.field).toBe("password");
  expect(["0", "1000", "1001", "-1", ""].map((typed) => wrongInCapacity(typed) === null)).toEqual([true, true, false, false, false]);
});

test("the server's own sentence is shown where it refused", () => {
  expect(whyNotText("en", { status: 422, code: "bad_input", detail: "hours.mon: no." })).toBe("The server refused: hours.mon: no.");
  expect(whyNotText("en", { status: 409, code: "email_taken" })).toBe("Somebody has this email already.");
  expect(whyNotText("en", { status: 503, code: "busy" })).toContain("could not do that");
  expect(whyNotText("en", null)).toContain("cannot be reached");
  expect(whyNotText("en", { status: 422, code: "bad_code", detail: "No." })).toContain("wrong or was used already");
  expect(whyNotText("en", { status: 422, code: "wrong_password", detail: "No." })).toBe("That is not your password.");
});

test("whoever has to wait reads for how long", () => {
  expect(whyNotText("en", { status: 429, code: "locked_out" }, 841)).toBe("Too many wrong attempts: sign-in is locked for now. Try again in 15 min.");
  expect(whyNotText("en", { status: 429, code: "too_many_requests" }, 12)).toBe("Too many attempts. Try again in 12 s.");
});
