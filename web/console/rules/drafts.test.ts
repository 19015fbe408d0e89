// @vitest-environment node
import { expect, test } from "vitest";
import { Drawer, readDraft, shelfInMemory, toKeep } from "./drafts";

test("what is put is found again, by this agent only", () => {
  const shelf = shelfInMemory();
  const maria = new Drawer<string>(shelf, "draft", "maria", 10);
  expect(maria.put("c_1", "Hello", 1)).toBe(true);
  expect(new Drawer<string>(shelf, "draft", "maria", 10).get("c_1")).toBe("Hello");
  expect(new Drawer<string>(shelf, "draft", "maria.c", 10).entries()).toEqual([]);
  expect(new Drawer<string>(shelf, "draft", "andrei", 10).get("c_1")).toBeNull();
  maria.remove("c_1");
  expect(maria.get("c_1")).toBeNull();
});

test("the oldest goes first when there are too many", () => {
  const drawer = new Drawer<number>(shelfInMemory(), "reply", "maria", 2);
  for (const [key, at] of [["b", 2], ["a", 1], ["c", 3]] as const) drawer.put(key, at, at);
  expect(drawer.entries().map(({ key }) => key)).toEqual(["b", "c"]);
});

test("a full shelf says so and breaks nothing", () => {
  const full = { ...shelfInMemory(), setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
  expect(new Drawer<string>(full, "draft", "maria", 10).put("c", "words", 1)).toBe(false);
});

test("what somebody else left there is not read", () => {
  const shelf = shelfInMemory();
  shelf.setItem("firstline.draft.maria.c_1", "not json");
  shelf.setItem("firstline.draft.maria.c_2", '"no time"');
  shelf.setItem("other", "x");
  expect(new Drawer<string>(shelf, "draft", "maria", 10).entries()).toEqual([]);
});

test("a draft is read as it was kept, by an older console too", () => {
  const both = { text: "Bye", brings: { tags: ["vip"], ends: true } };
  for (const draft of [both, { text: "Hello", brings: null }]) expect(readDraft(JSON.parse(JSON.stringify(toKeep(draft))))).toEqual(draft);
  expect(readDraft("Hello")).toEqual({ text: "Hello", brings: null });
  expect(readDraft({ text: "Hello", brings: { tags: "vip" } })).toEqual({ text: "Hello", brings: null });
  for (const foreign of [null, 5, {}, { brings: both.brings }]) expect(readDraft(foreign)).toBeNull();
});
