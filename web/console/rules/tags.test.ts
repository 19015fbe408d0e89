// @vitest-environment node
import { expect, test } from "vitest";
import { choices, tagOf, tagsOf, type Offer } from "./tags";

test("a tag is written as the server keeps it", () => {
  const check = (text: string, expected: string | null) => expect(tagOf(text), text).toBe(expected);
  check("Refund", "refund");
  check("  Late \t Delivery ", "late delivery");
  check("ПОСЫЛКА", "посылка");
  check("退款", "退款");
  check("#VIP", "vip");
  check("", null);
  check(" # ", null);
  check("a,b", null);
  check("c#", null);
  check("a\u{7}b", null);
  check("x".repeat(40), "x".repeat(40));
  check("x".repeat(41), null);
  // One character for the server, two units for JavaScript.
  check("🙂".repeat(40), "🙂".repeat(40));
});

test("a field holds tags between commas, each once", () => {
  expect(tagsOf("Refund, late  parcel,, refund ,")).toEqual(["refund", "late parcel"]);
  expect(tagsOf("退款，物流、vip")).toEqual(["退款", "物流", "vip"]);
  expect(tagsOf("  ")).toEqual([]);
  // Nothing that was typed is dropped without a word.
  expect(tagsOf("refund, c#")).toBeNull();
});

const offered = (more: Partial<Offer>) =>
  choices({ known: ["refund", "vip customer", "vip", "late"].map((tag) => ({ tag, n: 1 })), on: [], first: [], typed: "", ...more });
const names = (more: Partial<Offer>) => offered(more).map(({ tag, isOn, isNew }) => tag + (isOn ? " on" : "") + (isNew ? " new" : ""));

test("what the conversation had at first stands first and stays there", () => {
  const first = ["late", "odd"];
  expect(names({ first, on: first })).toEqual(["late on", "odd on", "refund", "vip customer", "vip"]);
  expect(names({ first, on: ["odd", "refund", "brand new"] })).toEqual(["late", "odd on", "brand new on", "refund on", "vip customer", "vip"]);
});

test("typing finds: exactly that first, then what begins with it; what nobody uses yet comes last as new", () => {
  expect(names({ typed: " VIP " })).toEqual(["vip", "vip customer"]);
  expect(names({ typed: "e" })).toEqual(["refund", "vip customer", "late", "e new"]);
  expect(names({ typed: "#La" })).toEqual(["late", "la new"]);
  expect(names({ typed: "Nowhere" })).toEqual(["nowhere new"]);
  expect(names({ typed: "no,where" })).toEqual([]);
  expect(names({ typed: "brand new", on: ["brand new"] })).toEqual(["brand new on"]);
});

test("no more are shown than can be looked through", () => {
  const known = Array.from({ length: 500 }, (_, n) => ({ tag: `tag ${n}`, n: 1 }));
  expect(offered({ known })).toHaveLength(50);
  expect(names({ known, typed: "tag 499" })).toEqual(["tag 499"]);
});
