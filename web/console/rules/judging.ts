// Which question an agent judges: the last that the bot reacted to, unless it only called for a person.

import { timeline } from "./turns";
import type { Candidate, Opened } from "../wire";

export interface Judgeable {
  /** The number of the bot's turn that answered, asked back or handed off. */
  seq: number;
  question: string;
  /** What the bot chose from, best first, each article once; at most nine, one for each digit. */
  candidates: Candidate[];
}

const MAX_CANDIDATES = 9;

export function lastJudgeable(opened: Pick<Opened, "turns" | "traces">): Judgeable | null {
  const items = timeline(opened.turns, opened.traces, () => "");
  let call: Judgeable | null = null;
  for (const item of items.reverse()) {
    if (item.what !== "turn" || !item.decided) continue;
    const { turn, decided } = item;
    if (turn.by !== "bot" && decided.trace.decision !== "hand_off") continue;
    const question = opened.turns.filter((said) => said.by === "customer" && said.seq < turn.seq).at(-1);
    if (!question) continue;
    const seen = new Set<string>();
    const candidates = decided.trace.candidates.filter(({ article }) => !seen.has(article) && seen.add(article));
    const judgeable = { seq: turn.seq, question: question.text, candidates: candidates.slice(0, MAX_CANDIDATES) };
    if (decided.trace.rule !== "wants_person") return judgeable;
    call ??= judgeable;
  }
  return call;
}
