// What the desk's API sends and takes, as `/api/v1/openapi.json` describes it. Plain shapes, no behaviour.

import type { PhaseName, Speaker, Turn } from "../shared/api";

export type { PhaseName, Speaker, Turn };
export type Reason =
  | "customer_asked"
  | "not_understood"
  | "did_not_help"
  | "topic_needs_human"
  | "out_of_patience"
  | "bot_unavailable"
  | "agent_requested";
export type View = "waiting" | "mine" | "bot" | "resolved";
export type Counts = Record<View, number>;
/** How an agent ends a conversation; the customer reads the plan of an unsolved one. */
export type Ending = { outcome: "solved" } | { outcome: "unsolved"; plan: string };

export interface AgentName {
  id: string;
  name: string;
}

export interface Health {
  degraded: string[];
  articles: number;
  findings: number;
  knowledge_version: string;
  encoder: string | null;
}

export interface Me {
  agent: AgentName & { email: string; role: "agent" | "lead" | "admin" };
  health: Health;
}

export interface RowPhase {
  name: PhaseName;
  since: string;
  reason?: Reason | null;
  queue?: string | null;
  waiting_since?: string | null;
  agent?: AgentName | null;
}

/** One conversation as the list shows it. */
export interface Row {
  id: string;
  site: string;
  channel: "web" | "telegram";
  language: string | null;
  phase: RowPhase;
  need: string | null;
  last: { by: Speaker; text: string; at: string } | null;
  customer: { id: string };
  /** Rises when phase or owner changes. */
  owner_epoch: number;
  rating: number | null;
}

/** Raw scores; null where that part found nothing or did not run. */
export interface Scores {
  lexical?: number | null;
  semantic?: number | null;
  classifier?: number | null;
}

export interface Candidate {
  article: string;
  title: string;
  language: string;
  /** Calibrated probability, 0 to 1. */
  confidence: number;
  scores: Scores;
}

export interface Thresholds {
  answer_at: number;
  margin: number;
  clarify_floor: number;
  /** Candidates below are not offered. */
  option_at: number;
  [name: string]: number;
}

export interface Trace {
  decision: string;
  reason?: Reason | null;
  /** The rule that decided, or null when the confidence did. */
  rule?: string | null;
  language: string;
  confidence: number;
  candidates: Candidate[];
  thresholds: Thresholds;
  degraded: string[];
  knowledge_version: string;
  timings: { lexical_us: number; encoder_us: number; total_us: number };
}

export interface Brief {
  reason: Reason;
  need: string;
  queue: string;
  language: string | null;
  at: string;
  candidates: Candidate[];
  plan: string | null;
  page: { url?: string | null; title?: string | null; referrer?: string | null } | null;
  trace: Trace | null;
}

export interface List {
  conversations: Row[];
  next: string | null;
  counts: Counts;
}

export interface Opened {
  conversation: Row;
  brief: Brief | null;
  turns: Turn[];
  /** The number of the last change that this answer knows. */
  through: number;
  traces: { seq: number; trace: Trace }[];
  position: number | null;
}

export interface Finding {
  severity: string;
  code: string;
  file: string;
  line: number | null;
  column: number | null;
  message: string;
}

export type Hint = { hint: "conversation"; id: string } | { hint: "queue" } | { hint: "knowledge" };
