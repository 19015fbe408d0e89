// @vitest-environment node
import { expect, test } from "vitest";
import type { Look } from "../team_api";
import { hexOf, isSame, languageOfField, lookForm, lookOf, refusedIn, tagOf, wordsFor, wrongInLook, type LookForm } from "./look";

const plain: Look = {
  colour: null,
  colour_dark: null,
  position: "right",
  theme: "auto",
  title: { en: "Help", ru: "Помощь" },
  launcher: {},
  greeting: {},
  offset_x: 20,
  offset_y: 20,
};

test("what is typed and what is kept are the same look", () => {
  expect(lookOf(lookForm(plain))).toEqual(plain);
  const form = lookForm(plain);
  form.title.en = " Help ";
  form.greeting.ru = "  ";
  expect(isSame(form, plain)).toBe(true);
  form.colour = "0A6C74";
  expect([isSame(form, plain), lookOf(form).colour]).toEqual([false, "#0a6c74"]);
  expect(isSame(form, { ...plain, colour: "#0A6C74" })).toBe(true);
  form.title.ru = "";
  expect(lookOf(form).title).toEqual({ en: "Help" });
});

test("colours as people write them", () => {
  const check = (typed: string, expected: string | null) => expect(hexOf(typed), typed).toBe(expected);
  check("#0a6c74", "#0a6c74");
  check(" 0A6C74 ", "#0a6c74");
  check("#abc", "#aabbcc");
  check("＃0a6c74", "#0a6c74");
  check("red", null);
  check("#0a6c7", null);
  check("", null);
});

test("the first thing wrong is named with its field", () => {
  const check = (change: (form: LookForm) => void, field: string | null) => {
    const form = lookForm(plain);
    change(form);
    expect(wrongInLook(form)?.field ?? null).toBe(field);
  };
  check(() => {}, null);
  check((form) => (form.colour = "red"), "colour");
  check((form) => (form.colour_dark = "#12345"), "colour_dark");
  check((form) => (form.offset_x = "401"), "offset_x");
  check((form) => (form.offset_y = ""), "offset_y");
  check((form) => (form.offset_y = "0"), null);
  check((form) => (form.launcher["zh-Hant"] = "字".repeat(81)), "launcher.zh-Hant");
  check((form) => (form.greeting.ru = "х".repeat(500)), null);
  check((form) => (form.greeting.ru = "х".repeat(501)), "greeting.ru");
  // An emoji is one character to the server.
  check((form) => (form.title.en = "🙂".repeat(80)), null);
  expect(["title.ru", "launcher.zh-Hans", "colour"].map(languageOfField)).toEqual(["ru", "zh-Hans", null]);
});

test("the server's refusal finds its field", () => {
  const check = (detail: string, expected: object | null) => expect(refusedIn({ status: 422, code: "bad_look", detail })).toEqual(expected);
  check('Look.colour: "red" is no colour such as #0a6c74', { field: "colour", text: '"red" is no colour such as #0a6c74' });
  check("look.title.zh-Hans: must have 1 to 80 characters", { field: "title.zh-Hans", text: "must have 1 to 80 characters" });
  check("There is no such site.", null);
  expect(refusedIn(null)).toBeNull();
});

test("words of the nearest language", () => {
  expect(wordsFor({ en: "Hi", ru: "Привет" }, "ru")).toBe("Привет");
  expect(wordsFor({ en: "Hi", "zh-Hant": "嗨" }, "zh-Hans")).toBe("嗨");
  expect(wordsFor({ en: "Hi", ru: "Привет" }, "zh-Hant")).toBe("Hi");
  expect(wordsFor({ ru: "Привет" }, "en")).toBe("Привет");
  expect(wordsFor({}, "en")).toBeNull();
});

test("a site's name cannot break out of its tag", () => {
  const tag = tagOf("https://support.example", { name: 'a"><b>&' });
  expect(tag).toBe('<script async src="https://support.example/widget.js" data-site="a&quot;><b>&amp;"></' + "script>");
});
