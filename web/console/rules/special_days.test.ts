// @vitest-environment node
import { expect, test } from "vitest";
import { comingDays, fieldsOf, inOrder, isPast, spansOf, todayIn, whyWrong } from "./special_days";
import { hoursForm, hoursOf, wrongInHours } from "./teamwork";

test("the hours of a day come back from its fields as they went in", () => {
  const check = (text: string, kind: string, back = text) => {
    expect(fieldsOf(text).kind, text).toBe(kind);
    expect(spansOf(fieldsOf(text)), text).toBe(back);
  };
  check("closed", "closed");
  check("", "closed", "closed");
  check("09:00-12:00", "span");
  check("09:00 – 12:00", "span", "09:00-12:00");
  check("22:00-06:00", "span");
  check("00:00-24:00", "span");
  check("09:00-12:00, 13:00-18:00", "spans");
  check("nine", "spans");
});

test("a day that was closed opens with the hours of an office", () => {
  expect(spansOf({ ...fieldsOf("closed"), kind: "span" })).toBe("09:00-18:00");
});

test("special days that are there already are kept by saving", () => {
  const hours = { zone: "UTC", mon: "09:00-18:00", holidays: ["2026-12-25"], special: { "2026-12-24": "09:00-12:00", "2027-01-02": "closed" } };
  const form = hoursForm(hours, "UTC");
  const special = form.special.map(({ day, spans }) => ({ day, spans: spansOf(fieldsOf(spans)) }));
  expect(hoursOf({ ...form, special }, hours)).toEqual(hours);
  expect(hoursOf({ ...form, special: [] }, hours)).not.toHaveProperty("special");
});

test("what is wrong with a day is said in the words of its fields", () => {
  const says = (from: string, until: string) => {
    const fields = { ...fieldsOf("09:00-12:00"), from, until };
    const wrong = wrongInHours({ ...hoursForm({ zone: "UTC" }, "UTC"), special: [{ day: "2026-12-24", spans: spansOf(fields) }] });
    return wrong && whyWrong(wrong.key, fields);
  };
  expect(says("09:00", "09:00")).toBe("team_bad_times");
  expect(says("", "12:00")).toBe("team_bad_times");
  // Past midnight, and the whole day.
  expect(says("22:00", "06:00")).toBeNull();
  expect(says("00:00", "00:00")).toBeNull();
  expect(whyWrong("team_bad_spans", fieldsOf("nine"))).toBe("team_bad_spans");
  expect(whyWrong("team_day_twice", fieldsOf("09:00-12:00"))).toBe("team_day_twice");
});

test("days stand by date, and those not chosen yet last", () => {
  const days = ["", "2027-01-02", "2026-12-24", ""].map((day) => ({ day, spans: "closed" }));
  expect(days.sort(inOrder).map(({ day }) => day)).toEqual(["2026-12-24", "2027-01-02", "", ""]);
});

test("what is past is so by the zone's own day", () => {
  const at = Date.parse("2026-12-24T20:00:00Z");
  expect([todayIn("UTC", at), todayIn("Asia/Shanghai", at)]).toEqual(["2026-12-24", "2026-12-25"]);
  expect(todayIn("no zone", at)).toMatch(/^2026-12-2[345]$/);
  expect(["2026-12-23", "2026-12-24", "2026-12-25", ""].map((day) => isPast(day, "2026-12-24"))).toEqual([true, false, false, false]);
});

test("holidays and special days come in one line, from today on", () => {
  const hours = {
    zone: "UTC",
    holidays: ["2026-12-25", "2026-01-01"],
    special: { "2027-01-02": "closed", "2026-12-24": "09:00-12:00", "2026-03-01": "10:00-11:00" },
  };
  expect(comingDays(hours, "2026-12-24")).toEqual([
    { day: "2026-12-24", spans: "09:00–12:00" },
    { day: "2026-12-25", spans: null },
    { day: "2027-01-02", spans: null },
  ]);
  expect(comingDays({ zone: "UTC" }, "2026-12-24")).toEqual([]);
});
