// What the Knowledge page shows of articles, of the curve, of phrases, and of answers to judge.

import type { ArticleRow, ArticleTitle, CurvePoint, DrawnAnswer } from "../knowledge_api";
import { countChars } from "./outbox";

/** So many articles can be chosen by a digit. */
export const MAX_CHOICES = 5;
/** The server counts them without the spaces around. */
export const MAX_PHRASE_CHARS = 300;

/** Articles whose id or any title has every typed word, by id; `lacking`: only those not written in that language. */
export function matching(articles: readonly ArticleRow[], typed: string, lacking: string | null = null): ArticleRow[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return articles
    .filter(({ id, titles, missing }) => {
      if (lacking && !missing.includes(lacking)) return false;
      const text = [id, ...titles.map(({ title }) => title)].join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => a.id.localeCompare(b.id, "en"));
}

/** The languages in which articles are missing, with how many; a language that lacks nothing is left out. */
export function lackingLanguages(articles: readonly ArticleRow[], languages: readonly string[]): { language: string; n: number }[] {
  return languages
    .map((language) => ({ language, n: articles.filter(({ missing }) => missing.includes(language)).length }))
    .filter(({ n }) => n > 0);
}

/** The title for a reader of that language: else the same language in another script, else English, else any. */
export function titleFor(titles: readonly ArticleTitle[], reader: string): ArticleTitle | null {
  const primary = (tag: string) => tag.toLowerCase().split("-")[0];
  return (
    titles.find(({ language }) => language === reader) ??
    titles.find(({ language }) => primary(language) === primary(reader)) ??
    titles.find(({ language }) => language === "en") ??
    titles[0] ??
    null
  );
}

/** The share of customers who said that it helped; null where nobody said anything. */
export function helpedShare({ helped, did_not_help }: Pick<ArticleRow, "helped" | "did_not_help">): number | null {
  const said = helped + did_not_help;
  return said > 0 ? helped / said : null;
}

/** Where the focus goes in a column or row of `n`; null: the key moves nothing. Rows wrap around, columns hold. */
export function moved(key: string, at: number, n: number, runs: "down" | "across"): number | null {
  if (n === 0) return null;
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  const by = key === (runs === "down" ? "ArrowDown" : "ArrowRight") ? 1 : key === (runs === "down" ? "ArrowUp" : "ArrowLeft") ? -1 : 0;
  if (by === 0) return null;
  return runs === "across" ? (at + by + n) % n : Math.min(n - 1, Math.max(0, at + by));
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Spot {
  x: number;
  y: number;
}

/** Where the axis of precision begins: a round share below everything drawn, so that the curve fills its room. */
export function lowestPrecision(curve: readonly CurvePoint[], target: number): number {
  const lowest = Math.min(target, ...curve.map(({ precision }) => precision));
  return Math.max(0, Math.min(0.9, Math.floor(lowest * 10 - 1e-9) / 10));
}

/** Where a share answered and a share right stand in the drawing. */
export function spotOf({ coverage, precision }: { coverage: number; precision: number }, low: number, box: Box): Spot {
  const within = (share: number) => Math.min(1, Math.max(0, share));
  const round = (n: number) => Math.round(n * 10) / 10;
  return {
    x: round(box.left + within(coverage) * box.width),
    y: round(box.top + (1 - within((precision - low) / (1 - low))) * box.height),
  };
}

/** The points of the curve for `<polyline>`, from the fewest questions answered to the most. */
export function polyline(curve: readonly CurvePoint[], low: number, box: Box): string {
  return [...curve]
    .sort((a, b) => a.coverage - b.coverage || b.answer_at - a.answer_at)
    .map((point) => spotOf(point, low, box))
    .map(({ x, y }) => `${x},${y}`)
    .join(" ");
}

/** What a threshold comes to, between the points that were measured; beyond the ends the end counts. Null without points. */
export function pointAt(curve: readonly CurvePoint[], answerAt: number): CurvePoint | null {
  const points = [...curve].sort((a, b) => a.answer_at - b.answer_at);
  const above = points.find((point) => point.answer_at >= answerAt) ?? points.at(-1);
  const below = points.findLast((point) => point.answer_at <= answerAt) ?? points[0];
  if (!above || !below) return null;
  const span = above.answer_at - below.answer_at;
  const share = span > 0 ? (answerAt - below.answer_at) / span : 0;
  const between = (a: number, b: number) => a + (b - a) * share;
  return {
    answer_at: answerAt,
    coverage: between(below.coverage, above.coverage),
    precision: between(below.precision, above.precision),
  };
}

/** At most `n` points, evenly taken, always with both ends, the highest threshold first. */
export function thinned(curve: readonly CurvePoint[], n: number): CurvePoint[] {
  const points = [...curve].sort((a, b) => b.answer_at - a.answer_at);
  if (points.length <= n) return points;
  return Array.from({ length: n }, (_, i) => points[Math.round((i * (points.length - 1)) / (n - 1))]!);
}

export interface JudgeChoice {
  article: string;
  title: string;
  language: string;
  /** Null where it was answered without being a candidate. */
  confidence: number | null;
}

/** What a digit chooses: first the article that was answered with, then the other candidates, each article once. */
export function choicesOf({ answer, language, candidates }: Pick<DrawnAnswer, "answer" | "language" | "candidates">): JudgeChoice[] {
  const all: JudgeChoice[] = candidates.map(({ article, title, language, confidence }) => ({ article, title, language, confidence }));
  const source = answer.article;
  if (source) {
    const known = all.find(({ article }) => article === source.id);
    all.unshift(known ?? { article: source.id, title: source.title, language, confidence: null });
  }
  const seen = new Set<string>();
  return all.filter(({ article }) => !seen.has(article) && seen.add(article)).slice(0, MAX_CHOICES);
}

/** What a key says about an answer: an article, null for none of them, undefined for nothing. */
export function judgedBy(key: string, choices: readonly JudgeChoice[]): JudgeChoice | null | undefined {
  if (key === "0") return null;
  return /^[1-9]$/.test(key) ? choices[Number(key) - 1] : undefined;
}

/** Line breaks and tabs become spaces: a phrase stands on one line. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** By how many characters a phrase is too long. */
export function nCharsOver(text: string): number {
  return Math.max(0, countChars(text.trim()) - MAX_PHRASE_CHARS);
}

/** What may be taught: on one line, trimmed, not empty, not too long. */
export function teachable(text: string): string | null {
  const phrase = oneLine(text).trim();
  return phrase && nCharsOver(phrase) === 0 ? phrase : null;
}

/** It may hold what only one customer has: a number such as of an order, or an address. */
export function holdsPersonal(text: string): boolean {
  return /\p{Nd}{4}|[@＠]/u.test(text);
}
