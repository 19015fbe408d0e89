// @vitest-environment node
import { expect, test } from "vitest";
import type { Candidate, Trace, Turn } from "../wire";
import { lastJudgeable } from "./judging";

const turn = (seq: number, by: Turn["by"], text: string): Turn => ({ seq, id: `c.${seq}`, rev: 1, by, kind: "text", text, at: "2026-11-22T10:00:00Z" });
const trace = (decision: string, ...articles: string[]): Trace => ({
  decision,
  language: "en",
  confidence: 0.5,
  candidates: articles.map((article) => ({ article, title: article, language: "en", confidence: 0.5, scores: {} }) satisfies Candidate),
  thresholds: { answer_at: 0.7, margin: 0, clarify_floor: 0, option_at: 0 },
  degraded: [],
  knowledge_version: "",
  timings: { lexical_us: 0, encoder_us: 0, total_us: 0 },
});

test("the last question that the bot reacted to is judged, by the turn that reacted", () => {
  const turns = [turn(1, "customer", "Where is it?"), turn(3, "bot", "Here."), turn(4, "customer", "A person!"), turn(6, "system", "In line.")];
  const traces = [
    { seq: 2, trace: trace("answer", "where", "where", "when") },
    { seq: 5, trace: trace("hand_off", "people") },
  ];
  expect(lastJudgeable({ turns, traces })).toMatchObject({ seq: 6, question: "A person!", candidates: [{ article: "people" }] });
  const first = lastJudgeable({ turns: turns.slice(0, 2), traces: traces.slice(0, 1) });
  expect(first).toMatchObject({ seq: 3, question: "Where is it?" });
  expect(first?.candidates.map(({ article }) => article)).toEqual(["where", "when"]);
});

test("a call for a person is judged only where nothing was asked before it", () => {
  const turns = [turn(1, "customer", "Where is it?"), turn(3, "bot", "Here."), turn(4, "customer", "A person!"), turn(6, "system", "In line.")];
  const call = { seq: 5, trace: { ...trace("hand_off"), rule: "wants_person" } };
  expect(lastJudgeable({ turns, traces: [{ seq: 2, trace: trace("answer", "where") }, call] })).toMatchObject({ seq: 3, question: "Where is it?" });
  expect(lastJudgeable({ turns: turns.slice(2), traces: [call] })).toMatchObject({ seq: 6, question: "A person!" });
});

test("where the bot said nothing there is nothing to judge", () => {
  expect(lastJudgeable({ turns: [turn(1, "customer", "Hello?")], traces: [] })).toBeNull();
  expect(lastJudgeable({ turns: [turn(1, "customer", "Hello?")], traces: [{ seq: 2, trace: trace("stay_silent") }] })).toBeNull();
});
