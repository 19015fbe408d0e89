// @vitest-environment node
import { expect, test } from "vitest";
import type { Candidate } from "../wire";
import { percent, percentText, scoreText, tooNear, zone } from "./scores";

const thresholds = { answer_at: 0.6, margin: 0.1, clarify_floor: 0.5, option_at: 0.25 };
const candidate = (confidence: number): Candidate => ({ article: "a", title: "A", language: "en", confidence, scores: {} });

test("confidence against the thresholds", () => {
  expect([0.6, 0.59, 0.25, 0.24].map((c) => zone(c, thresholds))).toEqual(["answer", "clarify", "clarify", "below"]);
  expect(zone(0.9, null)).toBe("below");
  expect([0.5, 1.4, -1, NaN].map(percent)).toEqual([50, 100, 0, 0]);
  expect([0, 0.001, 0.5, 0.9999, 1].map(percentText)).toEqual(["0\u202f%", "1\u202f%", "50\u202f%", "99\u202f%", "100\u202f%"]);
  expect([14.213, 1.5, 0.7131, -0.2, null, undefined].map(scoreText)).toEqual(["14.2", "1.50", "0.713", "-0.200", "–", "–"]);
  const near = (...confidences: number[]) => tooNear(confidences.map(candidate), thresholds);
  expect([near(0.62, 0.55), near(0.9, 0.1), near(0.5, 0.49), near(0.9)]).toEqual([true, false, false, false]);
});
