// @vitest-environment node
import { expect, test } from "vitest";
import type { ArticleRow, DrawnAnswer } from "../knowledge_api";
import type { Candidate } from "../wire";
import {
  choicesOf,
  helpedShare,
  holdsPersonal,
  judgedBy,
  lackingLanguages,
  lowestPrecision,
  matching,
  moved,
  nCharsOver,
  oneLine,
  pointAt,
  polyline,
  spotOf,
  teachable,
  thinned,
  titleFor,
} from "./knowledge";

const article = (id: string, titles: Record<string, string>, missing: string[] = []): ArticleRow => ({
  id,
  titles: Object.entries(titles).map(([language, title]) => ({ language, title })),
  n_phrases: 3,
  missing,
  is_current: true,
  used: 0,
  helped: 0,
  did_not_help: 0,
});
const articles = [
  article("refund-time", { en: "When is my refund paid?", ru: "Когда вернутся деньги?" }, ["zh-Hans"]),
  article("order-cancel", { en: "How do I cancel my order?", "zh-Hans": "如何取消订单？" }, ["ru"]),
  article("order-status", { en: "Where is my order?" }, ["ru", "zh-Hans"]),
];

test("typed words find articles by id and by any title, in the order of ids", () => {
  const check = (typed: string, expected: string[], lacking: string | null = null) =>
    expect(matching(articles, typed, lacking).map(({ id }) => id), typed).toEqual(expected);
  check("", ["order-cancel", "order-status", "refund-time"]);
  check("  ORDER ", ["order-cancel", "order-status"]);
  check("деньги ВЕРНУТСЯ", ["refund-time"]);
  check("取消", ["order-cancel"]);
  check("order refund", []);
  check("", ["order-cancel", "order-status"], "ru");
  check("status", ["order-status"], "ru");
  check("refund", [], "ru");
});

test("languages that lack a translation, in the order of the knowledge base", () => {
  expect(lackingLanguages(articles, ["en", "zh-Hans", "ru"])).toEqual([
    { language: "zh-Hans", n: 2 },
    { language: "ru", n: 2 },
  ]);
  expect(lackingLanguages([], ["en"])).toEqual([]);
});

test("the title in the reader's language, else the nearest", () => {
  const check = (at: number, reader: string, expected: string) => expect(titleFor(articles[at]!.titles, reader)?.language).toBe(expected);
  check(0, "ru", "ru");
  check(0, "zh-Hant", "en");
  check(1, "zh-Hant", "zh-Hans");
  check(2, "ru", "en");
  expect(titleFor([{ language: "ru", title: "Заказ" }], "en")?.language).toBe("ru");
  expect(titleFor([], "en")).toBeNull();
});

test("the share helped needs somebody who said something", () => {
  expect(helpedShare({ helped: 0, did_not_help: 0 })).toBeNull();
  expect(helpedShare({ helped: 3, did_not_help: 1 })).toBe(0.75);
});

test("keys move the focus: rows wrap around, columns hold", () => {
  const across = (key: string, at: number) => moved(key, at, 4, "across");
  expect([across("ArrowRight", 3), across("ArrowLeft", 0), across("Home", 2), across("End", 0), across("ArrowDown", 0)]).toEqual([0, 3, 0, 3, null]);
  const down = (key: string, at: number) => moved(key, at, 4, "down");
  expect([down("ArrowDown", 3), down("ArrowUp", 0), down("ArrowDown", 1), down("x", 1)]).toEqual([3, 0, 2, null]);
  expect(moved("Home", 0, 0, "down")).toBeNull();
});

const curve = [
  { answer_at: 0.9, coverage: 0.2, precision: 1 },
  { answer_at: 0.1, coverage: 1, precision: 0.8 },
  { answer_at: 0.5, coverage: 0.6, precision: 0.95 },
];
const box = { left: 40, top: 10, width: 100, height: 50 };

test("the curve stands in its box, from few to many questions answered", () => {
  expect(lowestPrecision(curve, 0.97)).toBe(0.7);
  expect([lowestPrecision([], 0.97), lowestPrecision([], 0.05), lowestPrecision([], 1)]).toEqual([0.9, 0, 0.9]);
  expect(spotOf({ coverage: 0, precision: 1 }, 0.5, box)).toEqual({ x: 40, y: 10 });
  expect(spotOf({ coverage: 1, precision: 0.5 }, 0.5, box)).toEqual({ x: 140, y: 60 });
  expect(spotOf({ coverage: 2, precision: 0.1 }, 0.5, box)).toEqual({ x: 140, y: 60 });
  expect(polyline(curve, 0.5, box)).toBe("60,10 100,15 140,30");
});

test("a threshold between two points comes to what lies between them", () => {
  expect(pointAt([], 0.5)).toBeNull();
  expect(pointAt(curve, 0.5)).toEqual({ answer_at: 0.5, coverage: 0.6, precision: 0.95 });
  const between = pointAt(curve, 0.7);
  expect(between?.coverage).toBeCloseTo(0.4);
  expect(between?.precision).toBeCloseTo(0.975);
  expect(pointAt(curve, 0.99)).toEqual({ answer_at: 0.99, coverage: 0.2, precision: 1 });
  expect(pointAt(curve, 0)?.coverage).toBe(1);
});

test("a long curve is thinned for the table, with both ends", () => {
  expect(thinned(curve, 5).map(({ answer_at }) => answer_at)).toEqual([0.9, 0.5, 0.1]);
  const long = Array.from({ length: 101 }, (_, i) => ({ answer_at: i / 100, coverage: 1 - i / 100, precision: 1 }));
  expect(thinned(long, 5).map(({ answer_at }) => answer_at)).toEqual([1, 0.75, 0.5, 0.25, 0]);
});

const candidate = (article: string, language = "en"): Candidate => ({ article, title: article.toUpperCase(), language, confidence: 0.5, scores: {} });
const drawn = (source: string | null, ...candidates: Candidate[]): DrawnAnswer => ({
  id: "c.2",
  conversation: "c",
  question: "where is it",
  language: "en",
  answer: {
    seq: 2,
    id: "c.2",
    rev: 1,
    by: "bot",
    kind: "answer",
    text: "There.",
    at: "",
    ...(source ? { article: { id: source, title: source.toUpperCase() } } : {}),
  },
  candidates,
  drawn_at: "2026-03-01T09:00:00Z",
});

test("the first choice is the article that was answered with", () => {
  const check = (answer: DrawnAnswer, expected: string[]) => expect(choicesOf(answer).map(({ article }) => article)).toEqual(expected);
  check(drawn("a", candidate("a"), candidate("b")), ["a", "b"]);
  check(drawn("b", candidate("a"), candidate("b")), ["b", "a"]);
  check(drawn("z", candidate("a")), ["z", "a"]);
  check(drawn(null, candidate("a"), candidate("a", "ru")), ["a"]);
  check(drawn("a", ..."abcdefg".split("").map((id) => candidate(id))), ["a", "b", "c", "d", "e"]);
  check(drawn(null), []);
  expect(choicesOf(drawn("z"))[0]?.confidence).toBeNull();
});

test("digits choose, 0 says none, all else says nothing", () => {
  const choices = choicesOf(drawn("a", candidate("a"), candidate("b")));
  expect(judgedBy("2", choices)?.article).toBe("b");
  expect(judgedBy("0", choices)).toBeNull();
  expect(["3", "9", "a", "Enter", ""].map((key) => judgedBy(key, choices))).toEqual(Array(5).fill(undefined));
});

test("a phrase stands on one line, trimmed, with at most 300 characters", () => {
  expect(oneLine("where is\r\nmy\tmoney\u2028now")).toBe("where is my money now");
  expect(oneLine(" typing ")).toBe(" typing ");
  expect(teachable("  where is\nmy money ")).toBe("where is my money");
  expect([teachable(""), teachable(" \n ")]).toEqual([null, null]);
  // Characters count, not UTF-16 units, and spaces around do not.
  const longest = "😀".repeat(300);
  expect([teachable(` ${longest} `), nCharsOver(` ${longest} `)]).toEqual([longest, 0]);
  expect([teachable(`${longest}ab`), nCharsOver(`${longest}ab`)]).toEqual([null, 2]);
});

test("long numbers and addresses are taken for something personal", () => {
  const personal = ["order 88123", "2026", "mail me at a@b.example", "订单８８１２３", "ann＠shop"];
  expect(personal.filter((text) => !holdsPersonal(text))).toEqual([]);
  const common = ["where is my money", "within 14 days", "size 123", "1 2 3 4", ""];
  expect(common.filter(holdsPersonal)).toEqual([]);
});
