// @vitest-environment node
import { expect, test } from "vitest";
import { LANGUAGES } from "../texts";
import { COLUMNS, EMOJI, moved, nameOf } from "./emoji";

test("each emoji stands there once, alone, with a name of its own in every language", () => {
  const letters = new Intl.Segmenter("en", { granularity: "grapheme" });
  for (const { emoji, names } of EMOJI) {
    expect([...letters.segment(emoji)], emoji).toHaveLength(1);
    expect(emoji).toMatch(/^\p{Emoji}/u);
    expect(names, emoji).toHaveLength(LANGUAGES.length);
  }
  expect(new Set(EMOJI.map(({ emoji }) => emoji)).size).toBe(EMOJI.length);
  for (const language of LANGUAGES) {
    const names = EMOJI.map((one) => nameOf(one, language));
    expect(names.every(Boolean), language).toBe(true);
    expect(new Set(names).size, language).toBe(names.length);
  }
  expect(nameOf(EMOJI.find(({ emoji }) => emoji === "🙏")!, "ru")).toBe("Спасибо");
});

test("arrows go through the grid, and its ends hold", () => {
  const check = (key: string, at: number, expected: number | null) => expect(moved(key, at), `${key} at ${at}`).toBe(expected);
  const last = EMOJI.length - 1;
  check("ArrowRight", 0, 1);
  check("ArrowRight", COLUMNS - 1, COLUMNS);
  check("ArrowRight", last, last);
  check("ArrowLeft", 1, 0);
  check("ArrowLeft", 0, 0);
  check("ArrowDown", 2, 2 + COLUMNS);
  check("ArrowDown", last, last);
  check("ArrowUp", 2 + COLUMNS, 2);
  check("ArrowUp", 2, 2);
  check("Home", 9, 0);
  check("End", 9, last);
  check("Enter", 9, null);
  check("a", 9, null);
});
