// How candidates and their confidence are drawn and written.

import type { Candidate, Thresholds } from "../wire";

export type Zone = "answer" | "clarify" | "below";

/** What the confidence alone would have led to. */
export function zone(confidence: number, thresholds: Thresholds | null): Zone {
  if (!thresholds) return "below";
  if (confidence >= thresholds.answer_at) return "answer";
  return confidence >= thresholds.option_at ? "clarify" : "below";
}

/** A share of the bar, 0 to 100. */
export function percent(share: number): number {
  return Number.isFinite(share) ? Math.min(100, Math.max(0, share * 100)) : 0;
}

/** "97 %", but never 100 or 0 for what is merely near. */
export function percentText(share: number): string {
  const n = percent(share);
  const whole = n > 99 && n < 100 ? 99 : n > 0 && n < 1 ? 1 : Math.round(n);
  return `${whole}\u202f%`;
}

/** Raw scores keep three digits that tell: 14.2, 0.713; a dash where that part found nothing. */
export function scoreText(score: number | null | undefined): string {
  if (score === null || score === undefined || !Number.isFinite(score)) return "–";
  return Math.abs(score) >= 10 ? score.toFixed(1) : score.toFixed(Math.abs(score) >= 1 ? 2 : 3);
}

/** Why a sure first candidate was not answered: the second came too near. */
export function tooNear(candidates: readonly Candidate[], thresholds: Thresholds | null): boolean {
  const [first, second] = candidates;
  if (!first || !second || !thresholds) return false;
  return first.confidence >= thresholds.answer_at && first.confidence - second.confidence < thresholds.margin;
}
