// @vitest-environment node
import { expect, test } from "vitest";
import { asLink, formatted, pastedOver, type Mark, type Typed } from "./formatting";

/** `‹` and `›` stand around what is selected, `|` is the caret. */
const typed = (marked: string): Typed => {
  const from = marked.search(/[‹|]/);
  const text = marked.replace(/[‹›|]/g, "");
  return { text, from, to: marked.includes("›") ? marked.indexOf("›") - 1 : from };
};
const shown = ({ text, from, to }: Typed) =>
  from === to ? `${text.slice(0, from)}|${text.slice(from)}` : `${text.slice(0, from)}‹${text.slice(from, to)}›${text.slice(to)}`;
const check = (mark: Mark, before: string, after: string) => expect(shown(formatted(mark, typed(before))), before).toBe(after);

test("bold and italic are put around what is selected, and taken away again", () => {
  const both = (mark: Mark, plain: string, marked: string) => {
    check(mark, plain, marked);
    check(mark, marked, plain);
  };
  both("bold", "in ‹five› days", "in **‹five›** days");
  both("italic", "in ‹five› days", "in *‹five›* days");
  both("italic", "in **‹five›** days", "in ***‹five›*** days");
  both("bold", "in *‹five›* days", "in ***‹five›*** days");
  both("bold", "in | days", "in **|** days");
  both("bold", "‹请稍候›。", "**‹请稍候›**。");
  check("bold", "in ‹**five**› days", "in ‹five› days");
  check("bold", "in ‹five ›days", "in **‹five›** days");
  check("italic", "2 * ‹3› * 4", "2 * *‹3›* * 4");
  check("bold", "‹**a** and **b**›", "**‹a and b›**");
  check("italic", "‹**a** and *b*›", "*‹**a** and b›*");
  check("bold", "‹- one›", "- **‹one›**");
});

test("whoever typed bold words goes on behind them", () => {
  check("bold", "in **five|** days", "in **five**| days");
  check("italic", "in *five|* days", "in *five*| days");
  check("bold", "in |**five** days", "in **|****five** days");
});

test("each of several lines is marked for itself", () => {
  const plain = "‹One\n\n- two\n> three›";
  const marked = "‹**One**\n\n- **two**\n> **three**›";
  check("bold", plain, marked);
  check("bold", marked, plain);
  check("bold", "‹**One**\ntwo›", "‹**One**\n**two**›");
});

test("lines become a list and lines again", () => {
  check("list", "One\ntw|o", "One\n- tw|o");
  check("list", "One\n- tw|o", "One\ntw|o");
  check("list", "|", "- |");
  check("list", "- |", "|");
  check("list", "\n|\n", "\n- |\n");
  check("list", "On‹e\n\nt›wo\nthree", "‹- One\n\n- two›\nthree");
  check("list", "‹- One\n\n- two›", "‹One\n\ntwo›");
  check("list", "‹One\n›two", "‹- One›\ntwo");
  check("list", "‹1. One\n- two›", "‹- One\n- two›");
});

test("a link waits for what it does not have yet", () => {
  check("link", "see ‹our page›.", "see [our page](‹https://›).");
  check("link", "see |", "see [|](https://)");
  check("link", "see ‹https://shop.example/a›", "see [|](https://shop.example/a)");
  check("link", "see ‹[here]›", "see [\\[here\\]](‹https://›)");
});

test("an address pasted over words becomes their link", () => {
  const pasted = (before: string, address: string) => {
    const after = pastedOver(typed(before), address);
    return after && shown(after);
  };
  expect(pasted("see ‹our page›.", " https://shop.example/a ")).toBe("see [our page](https://shop.example/a)|.");
  expect(pasted("see ‹it ›now", "http://shop.example/a_(b)")).toBe("see [it](http://shop.example/a_%28b%29)| now");
  expect(pasted("see ‹it›", "some words")).toBeNull();
  expect(pasted("see ‹it›", "javascript:alert(1)")).toBeNull();
  expect(pasted("see |", "https://shop.example")).toBeNull();
  expect(pasted("[it](‹https://›)", "https://shop.example")).toBeNull();
  expect(pasted("‹one\ntwo›", "https://shop.example")).toBeNull();
});

test("nothing in its words or its address ends a link early", () => {
  expect(asLink("[a] \\ b", "https://shop.example/(a)")).toBe("[\\[a\\] \\\\ b](https://shop.example/%28a%29)");
});
