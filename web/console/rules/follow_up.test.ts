// @vitest-environment node
import { expect, test } from "vitest";
import { chosenDue, dueOf, duesFrom } from "./follow_up";

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute);

test("an afternoon is promised while it is still far enough", () => {
  expect(duesFrom(at(23, 9))).toEqual(["hour", "afternoon", "tomorrow", "three_days"]);
  expect(duesFrom(at(23, 13, 59))).toContain("afternoon");
  expect(duesFrom(at(23, 14))).toEqual(["hour", "tomorrow", "three_days"]);
  expect(duesFrom(at(23, 18))).not.toContain("afternoon");
});

test("each is a moment ahead", () => {
  const now = at(23, 9, 20);
  expect(dueOf("hour", now)).toEqual(at(23, 10, 20));
  expect(dueOf("afternoon", now)).toEqual(at(23, 15));
  expect(dueOf("tomorrow", now)).toEqual(at(24, 9));
  expect(dueOf("three_days", at(29, 17, 5))).toEqual(new Date(2026, 11, 2, 17, 5));
});

test("what is over cannot be promised", () => {
  const now = at(23, 9);
  expect(chosenDue("2026-11-23T09:30", now)).toEqual(at(23, 9, 30));
  for (const typed of ["", "soon", "2026-11-23T09:00", "2026-11-22T18:00"]) expect(chosenDue(typed, now)).toBeNull();
});
