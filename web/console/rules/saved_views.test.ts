// @vitest-environment node
import { expect, test } from "vitest";
import type { SavedView } from "../wire";
import { askedBy, filterOf, isChanged, isNameTaken, viewOf } from "./saved_views";

const none = { q: null, queue: null, channel: null, language: null, tag: null };
const saved: SavedView = { id: "v", name: "Refunds, Russian", is_shared: true, view: "mine", ...none, language: "ru", tag: "refund" };

test("a list is saved with its filters, and what was cleared is none", () => {
  expect(askedBy("mine", { language: "ru", tag: "refund", queue: "", words: "" })).toEqual({ ...none, view: "mine", language: "ru", tag: "refund" });
  expect(askedBy("mine", { words: "lamp 55", channel: "web" })).toEqual({ ...none, view: "all", q: "lamp 55", channel: "web" });
});

test("a saved view opens as the list that it was", () => {
  expect([viewOf(saved), filterOf(saved)]).toEqual(["mine", { language: "ru", tag: "refund" }]);
  const search: SavedView = { ...saved, ...none, view: "all", q: "lamp 55", queue: "returns", channel: "web" };
  expect([viewOf(search), filterOf(search)]).toEqual(["waiting", { words: "lamp 55", queue: "returns", channel: "web" }]);
  expect(isChanged(search, viewOf(search), filterOf(search))).toBe(false);
});

test("what differs from what was saved is seen", () => {
  const check = (view: "mine" | "waiting", filter: object, expected: boolean) => expect(isChanged(saved, view, filter), JSON.stringify([view, filter])).toBe(expected);
  check("mine", { tag: "refund", language: "ru", queue: "" }, false);
  check("waiting", { tag: "refund", language: "ru" }, true);
  check("mine", { tag: "refund" }, true);
  check("mine", { tag: "refund", language: "ru", words: "lamp" }, true);
});

test("one name for one view, everybody's and one's own apart", () => {
  const check = (wish: { id?: string; name: string; is_shared: boolean }, expected: boolean) => expect(isNameTaken([saved], wish), JSON.stringify(wish)).toBe(expected);
  check({ name: " Refunds, Russian ", is_shared: true }, true);
  check({ name: "Refunds, Russian", is_shared: false }, false);
  check({ id: "v", name: "Refunds, Russian", is_shared: true }, false);
  check({ name: "Refunds", is_shared: true }, false);
});
