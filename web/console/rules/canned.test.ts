// @vitest-environment node
import { expect, test } from "vitest";
import type { Canned, Row } from "../wire";
import { filled, ready, unfilled, wanted } from "./canned";

const canned = (id: string, name: string, text: string): Canned => ({ id, name, text, is_shared: false, ends: false, tags: [] });
const articles = [
  { id: "refund-time", titles: [{ language: "en", title: "When will I get my refund?" }, { language: "ru", title: "Когда вернут деньги?" }] },
  { id: "hours", titles: [{ language: "en", title: "Opening hours" }] },
];

test("a slash at the very beginning searches, any other is a slash", () => {
  expect(wanted("/")).toBe("");
  expect(wanted("/ReFund")).toBe("refund");
  for (const draft of ["", "hello /refund", "/path/to", "/a\nb", "и/или"]) expect(wanted(draft), draft).toBeNull();
});

test("names that begin with it come first, canned replies before articles", () => {
  const own = [canned("1", "thanks", "Thank you! Your refund is on its way."), canned("2", "refund", "Five days.")];
  expect(ready("refund", own, articles, "en").map(({ key }) => key)).toEqual(["canned-2", "canned-1", "article-refund-time"]);
  expect(ready("", own, articles, "en").map(({ key }) => key)).toEqual(["canned-1", "canned-2"]);
  expect(ready("деньги", [], articles, "ru")).toMatchObject([{ title: "Когда вернут деньги?" }]);
  expect(ready("hours", [], articles, "ru")).toMatchObject([{ title: "Opening hours" }]);
  expect(ready("nothing", own, articles, "en")).toEqual([]);
  const closing = { ...canned("3", "bye", "Goodbye."), ends: true, tags: ["done"] };
  expect(ready("bye", [closing], [], "en")).toMatchObject([{ brings: { tags: ["done"], ends: true } }]);
});

test("variables are filled in; what is not known stays to be seen", () => {
  const conversation = { id: "c_1" } as Row;
  const text = "Hello {customer}, {agent} here about {conversation}, {order}.";
  expect(filled(text, { conversation, details: [{ field: "name", text: "Eve" }] }, "Anna")).toBe("Hello Eve, Anna here about c_1, {order}.");
  const profile = { site: "shop", subject: "7", attributes: { name: "Eve Adams" } };
  expect(filled("{customer}", { conversation, profile, details: [{ field: "name", text: "X" }] }, "")).toBe("Eve Adams");
  expect(filled("{customer}", { conversation }, "")).toBe("{customer}");
});

test("what was not filled in is found, and nothing else in braces", () => {
  expect(unfilled("Hello {customer}, {agent}")).toEqual({ from: 6, to: 16, variable: "{customer}" });
  expect(unfilled("Write {order} here")).toBeNull();
});
