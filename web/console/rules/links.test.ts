// @vitest-environment node
import { expect, test } from "vitest";
import { safeLink } from "./links";

test("a customer's page becomes a link only over http and https", () => {
  const check = (url: string | null, label: string | null) => expect(safeLink(url)?.label ?? null, String(url)).toBe(label);
  check("https://shop.example/orders/1?utm=x#y", "shop.example/orders/1");
  check("http://shop.example/", "shop.example");
  check("javascript:alert(1)", null);
  check("JaVaScRiPt://shop.example/%0aalert(1)", null);
  check("data:text/html,x", null);
  check("https://bank.example@evil.example/", null);
  check("/orders", null);
  check("", null);
  check(null, null);
  expect(safeLink(`https://shop.example/${"a".repeat(200)}`)!.label).toHaveLength(60);
});
