// @vitest-environment node
import { expect, test } from "vitest";
import { inSight } from "./sight";

test("only what is in the window is drawn, with a little beside it", () => {
  expect(inSight(0, 600, 80, 10_000)).toEqual({ from: 0, to: 16 });
  expect(inSight(80_000, 600, 80, 10_000)).toEqual({ from: 992, to: 1016 });
  expect(inSight(799_400, 600, 80, 10_000)).toEqual({ from: 9984, to: 10_000 });
});

test("short lists, lists that became shorter, and empty ones", () => {
  expect(inSight(0, 600, 80, 3)).toEqual({ from: 0, to: 3 });
  expect(inSight(0, 600, 80, 0)).toEqual({ from: 0, to: 0 });
  // Scrolled far down when the list shrank: something is still drawn.
  expect(inSight(80_000, 600, 80, 5)).toEqual({ from: 4, to: 5 });
  expect(inSight(0, 600, 0, 5)).toEqual({ from: 0, to: 5 });
});
