// @vitest-environment node
import { expect, test } from "vitest";
import { commandOf, keyOf, markOf, step, type Place, type Press } from "./keys";

const press = (key: string, more: Partial<Press> = {}): Press => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  ...more,
});
const outside: Place = { typing: false, inList: false, inOverlay: false };
const check = (pressed: Press, place: Partial<Place>, expected: string | null) =>
  expect(commandOf(pressed, { ...outside, ...place }), JSON.stringify([pressed, place])).toBe(expected);

test("letters are commands, except while somebody types", () => {
  check(press("j"), {}, "next");
  check(press("k"), {}, "previous");
  check(press("c"), {}, "claim");
  check(press("r"), {}, "reply");
  check(press("e"), {}, "resolve");
  check(press("?"), {}, "help");
  check(press("2"), {}, "view_mine");
  check(press("6"), {}, "view_resolved");
  check(press("7"), {}, "view_mentioned");
  check(press("8"), {}, null);
  check(press("n"), {}, "note");
  check(press("a"), {}, "right_article");
  check(press("l"), {}, "tags");
  check(press("p"), {}, "follow_up");
  check(press("f"), {}, "follow_up_done");
  check(press("/"), {}, "search");
  check(press(".", { code: "Slash" }), {}, "search");
  check(press(",", { code: "Slash", shiftKey: true }), {}, null);
  for (const key of ["j", "c", "e", "?", "1", "/", "ArrowDown"]) check(press(key), { typing: true }, null);
  for (const key of ["j", "c", "?"]) check(press(key), { inOverlay: true }, null);
  check(press("z"), {}, null);
});

test("a Russian board has the same keys in the same places", () => {
  check(press("о", { code: "KeyJ" }), {}, "next");
  check(press("у", { code: "KeyE" }), {}, "resolve");
  check(press("д", { code: "KeyL" }), {}, "tags");
  // Where the key gives a Latin letter, the letter counts and not the place: Dvorak.
  check(press("c", { code: "KeyI" }), {}, "claim");
  check(press("Process", { code: "KeyJ" }), {}, null);
});

test("the browser keeps its own shortcuts", () => {
  check(press("r", { ctrlKey: true }), {}, null);
  check(press("c", { metaKey: true }), {}, null);
  check(press("j", { altKey: true }), {}, null);
});

test("Ctrl or Cmd with Enter sends, but not while an input method is composing", () => {
  check(press("Enter", { ctrlKey: true }), { typing: true }, "send");
  check(press("Enter", { metaKey: true }), { typing: true }, "send");
  check(press("Enter", { ctrlKey: true }), {}, null);
  check(press("Enter", { ctrlKey: true, isComposing: true }), { typing: true }, null);
  check(press("Enter"), { typing: true }, null);
});

test("Ctrl or Cmd with K opens the palette wherever one is; with Shift and Enter a reply ends the conversation", () => {
  check(press("k", { ctrlKey: true }), {}, "palette");
  check(press("л", { code: "KeyK", metaKey: true }), { typing: true }, "palette");
  check(press("k", { ctrlKey: true, shiftKey: true }), {}, null);
  check(press("Enter", { ctrlKey: true, shiftKey: true }), { typing: true }, "send_and_resolve");
});

test("a command knows its key", () => {
  expect(keyOf("view_snoozed")).toBe("3");
  expect(keyOf("transfer")).toBe("t");
  expect(keyOf("follow_up")).toBe("p");
  expect(keyOf("search")).toBe("/");
  expect(keyOf("palette")).toBeNull();
});

test("Escape always closes; arrows move only inside the list", () => {
  check(press("Escape"), { typing: true }, "close");
  check(press("ArrowDown"), { inList: true }, "next");
  check(press("ArrowUp"), { inList: true }, "previous");
  check(press("ArrowDown"), {}, null);
});

test("moving stops at the ends", () => {
  expect(step("next", null, 3)).toBe(0);
  expect(step("next", 1, 3)).toBe(2);
  expect(step("next", 2, 3)).toBe(2);
  expect(step("previous", 0, 3)).toBe(0);
  // The list became shorter under the cursor.
  expect(step("next", 9, 3)).toBe(2);
  expect(step("next", 0, 0)).toBeNull();
});

test("marks have keys of their own, on every board", () => {
  const check = (pressed: Press, expected: string | null) => {
    expect(markOf(pressed), JSON.stringify(pressed)).toBe(expected);
    if (expected) expect(commandOf(pressed, { ...outside, typing: true })).toBeNull();
  };
  check(press("b", { ctrlKey: true }), "bold");
  check(press("и", { code: "KeyB", metaKey: true }), "bold");
  check(press("i", { metaKey: true }), "italic");
  check(press("K", { ctrlKey: true, shiftKey: true }), "link");
  check(press("*", { code: "Digit8", ctrlKey: true, shiftKey: true }), "list");
  check(press("8", { code: "Digit8", ctrlKey: true }), null);
  check(press("k", { ctrlKey: true }), null);
  check(press("b"), null);
  check(press("b", { ctrlKey: true, altKey: true }), null);
  check(press("b", { ctrlKey: true, isComposing: true }), null);
});
