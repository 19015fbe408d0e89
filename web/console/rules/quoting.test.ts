import { expect, test } from "vitest";
import { quoted, withQuote } from "./quoting";

test("each line is marked, and a long one is cut between letters", () => {
  expect(quoted("  Where is it?\n\nOrder 7 ")).toBe("> Where is it?\n>\n> Order 7");
  expect(quoted("😀".repeat(301))).toBe(`> ${"😀".repeat(300)}…`);
  expect(quoted("字".repeat(300))).toBe(`> ${"字".repeat(300)}`);
});

test("what was typed stays above it", () => {
  expect(withQuote("", "Hello?")).toBe("> Hello?\n\n");
  expect(withQuote("Hi Eve, \n", "Hello?")).toBe("Hi Eve,\n\n> Hello?\n\n");
});
