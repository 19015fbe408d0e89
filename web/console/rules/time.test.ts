// @vitest-environment node
import { expect, test } from "vitest";
import { clockOffset, dayOf, levelOf, millis, secsBetween, span, urgency } from "./time";

test("urgency turns at 20 seconds and at 5 minutes", () => {
  const check = (secs: number, expected: string) => expect(urgency(secs), `${secs} s`).toBe(expected);
  check(0, "calm");
  check(19, "calm");
  check(20, "soon");
  check(299, "soon");
  check(300, "late");
  check(90_000, "late");
});

test("spans take the coarsest unit that still tells something", () => {
  const check = (secs: number, unit: string, n: number, rest = 0) => expect(span(secs), `${secs} s`).toEqual({ unit, n, rest });
  check(0, "secs", 0);
  check(59, "secs", 59);
  check(60, "mins", 1);
  check(3599, "mins", 59);
  check(3600, "hours", 1);
  check(4800, "hours", 1, 20);
  check(86_399, "hours", 23, 59);
  check(86_400, "days", 1);
});

test("seconds are whole, never negative, and nothing where there is no time", () => {
  const now = Date.parse("2026-03-01T10:00:10Z");
  expect(secsBetween("2026-03-01T10:00:00.400Z", now)).toBe(9);
  expect(secsBetween("2026-03-01T10:05:00Z", now)).toBe(0);
  expect(secsBetween(null, now)).toBe(0);
  expect(secsBetween("soon", now)).toBe(0);
});

test("this machine's clock is corrected only when it is really off", () => {
  const now = Date.parse("Sun, 01 Mar 2026 10:00:00 GMT");
  expect(clockOffset("Sun, 01 Mar 2026 10:03:00 GMT", now)).toBe(180_000);
  expect(clockOffset("Sun, 01 Mar 2026 09:58:00 GMT", now)).toBe(-120_000);
  expect(clockOffset("Sun, 01 Mar 2026 10:00:01 GMT", now)).toBe(0);
  expect(clockOffset(null, now)).toBe(0);
});

test("days are the reader's, milliseconds are short", () => {
  const noon = new Date(2026, 2, 1, 12);
  expect(dayOf(noon.toISOString())).toBe("2026-03-01");
  expect(millis(412)).toBe("0.4");
  expect(millis(7310)).toBe("7.3");
  expect(millis(31_400)).toBe("31");
});

test("a service level is calm, then amber, then red", () => {
  const due = { clock: "first_reply", warn_at: "2026-11-22T10:04:00Z", due_at: "2026-11-22T10:05:00Z" };
  const at = (time: string) => levelOf(due, Date.parse(`2026-11-22T${time}Z`));
  expect(at("10:03:00")).toEqual({ clock: "first_reply", urgency: "calm", secs: 120 });
  expect(at("10:04:00")).toEqual({ clock: "first_reply", urgency: "soon", secs: 60 });
  expect(at("10:05:30")).toEqual({ clock: "first_reply", urgency: "late", secs: 30 });
  expect(levelOf({ ...due, clock: "idle" }, 0)).toBeNull();
  expect(levelOf(undefined, 0)).toBeNull();
});
