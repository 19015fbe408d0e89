// @vitest-environment node
import { expect, test } from "vitest";
import { linkOf, pollEvery, reconnectWait, titleOf } from "./connection";

test("freshness, waits and title", () => {
  const link = (browserOnline: boolean, socketOpen: boolean, lastFetchOk: boolean) =>
    linkOf({ browserOnline, socketOpen, lastFetchOk });
  expect(link(true, true, true)).toBe("live");
  expect(link(true, false, true)).toBe("polling");
  expect(link(true, false, false)).toBe("offline");
  expect(link(false, true, true)).toBe("offline");
  expect(pollEvery(false)).toBe(15_000);
  expect(pollEvery(true)).toBeGreaterThan(pollEvery(false));
  expect([0, 1, 2, 9, 500].map((n) => reconnectWait(n, 0))).toEqual([500, 1000, 2000, 30_000, 30_000]);
  expect(reconnectWait(0, 1)).toBe(250);
  expect([0, 3, 240].map((n) => titleOf(n))).toEqual(["Firstline", "(3) Firstline", "(99+) Firstline"]);
  expect([titleOf(0, 1), titleOf(2, 1)]).toEqual(["(1) Firstline", "(3) Firstline"]);
});
