// What an agent may do with a conversation, and what the server's refusals mean for them.

import type { Row } from "../wire";

/** Who has it, seen by the agent who looks. */
export type Standing =
  | { name: "with_bot" }
  | { name: "waiting" }
  | { name: "mine" }
  | { name: "with_other"; agent: string | null }
  | { name: "resolved" };

export function standingOf(row: Row, me: string): Standing {
  const { phase } = row;
  switch (phase.name) {
    case "with_bot":
      return { name: "with_bot" };
    case "waiting":
      return { name: "waiting" };
    case "with_agent":
      return phase.agent?.id === me ? { name: "mine" } : { name: "with_other", agent: phase.agent?.name ?? null };
    case "resolved":
      return { name: "resolved" };
  }
}

/** Since when the customer waits or waited for a person; null if they never did. */
export function waitingSince(row: Row): string | null {
  if (row.phase.name === "waiting") return row.phase.waiting_since ?? row.phase.since;
  return row.phase.waiting_since ?? null;
}

/** The moment that a row counts from: of a waiting one the wait, of the others the last words. */
export function countsFrom(row: Row): string {
  return row.phase.name === "waiting" ? (waitingSince(row) ?? row.phase.since) : (row.last?.at ?? row.phase.since);
}

/** The words that name a conversation: what is needed, else what was said last. */
export function headline(row: Row): string | null {
  return row.need?.trim() || row.last?.text.trim() || row.last?.file || null;
}

/**
 * What was said since, for the second line: nothing where it is the headline again (a long need is cut and ends in "…"),
 * and nothing of the system's own notices, which say the same in every row.
 */
export function lastWords(row: Row): Row["last"] {
  const { last } = row;
  if (!last || last.by === "system" || !row.need?.trim()) return null;
  const need = squeezed(row.need).replace(/…$/, "");
  return squeezed(last.text || last.file || "").startsWith(need) ? null : last;
}

function squeezed(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

export type Refused = "already_claimed" | "not_yours" | "not_waiting" | "unknown_conversation" | "not_your_queue" | "too_many_tags" | "other";

/** Refusals are news about the conversation: it is fetched again and the agent told why. */
export function refusedOf(code: string): Refused {
  switch (code) {
    case "already_claimed":
    case "not_yours":
    case "not_waiting":
    case "unknown_conversation":
    case "not_your_queue":
    case "too_many_tags":
      return code;
    default:
      return "other";
  }
}

/** The agent that a refusal names, whatever a newer server puts there. */
export function namedAgent(extra: unknown): string | null {
  if (typeof extra !== "object" || extra === null || !("name" in extra)) return null;
  return typeof extra.name === "string" && extra.name ? extra.name : null;
}
