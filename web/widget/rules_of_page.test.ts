import { expect, it } from "vitest";
import { isOnPage, speaks } from "./rules_of_page";

const check = (pattern: string, path: string, expected: boolean) =>
  it(`${pattern} ${expected ? "is" : "is not"} ${path}`, () => expect(isOnPage(pattern, path)).toBe(expected));

check("/checkout", "/checkout", true);
check("/checkout", "/checkout/pay", false);
check("/checkout*", "/checkout/pay", true);
check("*/pay", "/checkout/pay", true);
check("/a.b", "/axb", false);
check("/(x)+[1]", "/(x)+[1]", true);
check("*", "/", true);

it("speaks when everything that is asked for holds", () => {
  const rule = { page: "/pay", after_secs: 20, scroll_percent: 50, text: "Need help?" };
  expect(speaks(rule, "/pay", 20, 50)).toBe(true);
  expect(speaks(rule, "/pay", 19, 50)).toBe(false);
  expect(speaks(rule, "/pay", 20, 49)).toBe(false);
  expect(speaks(rule, "/", 20, 50)).toBe(false);
  expect(speaks({ text: "Hello" }, "/", 0, 0)).toBe(true);
});
