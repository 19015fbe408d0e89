import { expect, test } from "vitest";
import { called, calling, colleagues, mentioned, pieces } from "./mentions";

const staff = [
  { id: "a", name: "Ann" },
  { id: "al", name: "Ann Lee" },
  { id: "b", name: "Борис" },
  { id: "c", name: "陈晨" },
];

test("somebody is being called behind an @, and nowhere else", () => {
  const check = (text: string, expected: ReturnType<typeof calling>) => expect(calling(text, text.length), text).toEqual(expected);
  check("@", { from: 0, words: "" });
  check("Ask @An", { from: 4, words: "an" });
  check("Ask @Ann L", { from: 4, words: "ann l" });
  check("问一下@陈", { from: 3, words: "陈" });
  check("eve@shop", null);
  check("Ask Ann", null);
  check("@Ann\n", null);
  check("> @An", null);
  check("> @Ann asked\n\n@An", { from: 14, words: "an" });
  expect(calling("@An and more", 3)).toEqual({ from: 0, words: "an" });
});

test("colleagues are found by any part of the name, never oneself", () => {
  const names = (words: string, me = "x") => colleagues(staff, me, words).map(({ id }) => id);
  expect(names("an")).toEqual(["a", "al"]);
  expect(names("lee")).toEqual(["al"]);
  expect(names("бор")).toEqual(["b"]);
  expect(names("", "a")).toEqual(["al", "b", "c"]);
  expect(names("ann asked")).toEqual([]);
});

test("who is called stands in place of what was typed", () => {
  expect(called("Ask @an please", 4, 7, "Ann Lee")).toEqual({ text: "Ask @Ann Lee please", caret: 13 });
  expect(called("@", 0, 1, "陈晨")).toEqual({ text: "@陈晨 ", caret: 4 });
});

test("the names that still stand in a note call, the longest first and each once", () => {
  const check = (text: string, expected: string[]) => expect(mentioned(text, staff, "x"), text).toEqual(expected);
  check("@Ann Lee, and @Борис!", ["al", "b"]);
  check("@Ann @Ann @Ann Lee", ["a", "al"]);
  check("@Anna is somebody else", []);
  check("write to eve@Ann", []);
  check("(@陈晨)", ["c"]);
  check("请@陈晨看一下", ["c"]);
  check("> @Ann, are you there?\n\n@Борис, do you know?", ["b"]);
  check("x > @Ann", ["a"]);
  expect(mentioned("@Ann and @Борис", staff, "a")).toEqual(["b"]);
  expect(pieces("Hi @Ann Lee.", staff)).toEqual([
    { text: "Hi ", who: null },
    { text: "@Ann Lee", who: staff[1] },
    { text: ".", who: null },
  ]);
  expect(pieces("<b>@nobody</b>", staff)).toEqual([{ text: "<b>@nobody</b>", who: null }]);
});

test("of two with one name who was picked is called, as long as the name stands there", () => {
  const twins = [...staff, { id: "a2", name: "Ann" }];
  expect(mentioned("@Ann", twins, "x")).toEqual(["a"]);
  expect(mentioned("@Ann", twins, "x", ["a2"])).toEqual(["a2"]);
  expect(mentioned("@Ann and @Ann", twins, "x", ["a2", "a"])).toEqual(["a", "a2"]);
  expect(mentioned("@Ann", twins, "a")).toEqual(["a2"]);
  expect(mentioned("Hello", twins, "x", ["a2"])).toEqual([]);
});
