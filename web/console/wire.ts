// What the desk's API sends and takes, as `/api/v1/openapi.json` describes it. Plain shapes, no behaviour.

import type { Attachment, PhaseName, Speaker, Turn } from "../shared/api";

export type { Attachment, PhaseName, Speaker, Turn };
export type Reason =
  | "customer_asked"
  | "not_understood"
  | "did_not_help"
  | "topic_needs_human"
  | "out_of_patience"
  | "bot_unavailable"
  | "agent_requested";
export type DetailField = "name" | "email" | "phone" | "order" | "topic" | "attributes";
export type View = "waiting" | "mine" | "snoozed" | "follow_ups" | "bot" | "resolved" | "mentioned";
export type Counts = Record<View, number>;
/** How an agent ends a conversation; the customer reads the plan of an unsolved one. */
export type Ending = { outcome: "solved"; reason?: string } | { outcome: "unsolved"; plan: string; reason?: string; due_at?: string };
export type Clock =
  | "reaction"
  | "claim"
  | "first_reply"
  | "next_reply"
  | "resolution"
  | "agent_silence"
  | "snooze"
  | "idle"
  | "follow_up";
export type Presence = "online" | "away" | "offline";

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
  agent: AgentName & { email: string; role: "agent" | "lead" | "admin"; avatar?: string; has_second_factor: boolean };
  health: Health;
  /** Where customers reach the server, without a slash at its end; null where it was not told. */
  public_url: string | null;
}

export interface RowPhase {
  name: PhaseName;
  since: string;
  reason?: Reason | null;
  queue?: string | null;
  waiting_since?: string | null;
  agent?: AgentName | null;
  /** Only a lead may take it. */
  for_lead?: boolean;
  /** An agent let this customer down, who stands in front of the line. */
  in_front?: boolean;
  snoozed?: { until: string | null };
  outcome?: string;
}

/** One conversation as the list shows it. */
export interface Row {
  id: string;
  site: string;
  channel: "web" | "telegram";
  language: string | null;
  phase: RowPhase;
  need: string | null;
  /** `file`: the name of the first file. */
  last: { by: Speaker; text: string; file?: string; at: string } | null;
  customer: { id: string };
  /** Rises when phase or owner changes. */
  owner_epoch: number;
  rating: number | null;
  /** Higher stands further in front. */
  priority?: number;
  follow_up?: { due_at: string; is_due: boolean };
  /** Service levels that were missed. */
  breached?: Clock[];
  /** The service level that ends next. */
  due?: ClockRow;
  merged_into?: string;
  /** Sorted. */
  tags: string[];
}

/** A tag and how many conversations have it. */
export interface TagUse {
  tag: string;
  n: number;
}

/** A list with a name: everybody's, or one's own. Null: not narrowed so. */
export interface SavedView {
  id: string;
  name: string;
  is_shared: boolean;
  /** `all`: what the words `q` are found in. */
  view: View | "all";
  q: string | null;
  queue: string | null;
  channel: string | null;
  language: string | null;
  tag: string | null;
}

/** A service level that runs: amber from `warn_at`, red from `due_at`. */
export interface ClockRow {
  clock: Clock;
  warn_at: string | null;
  due_at: string;
}

export interface Staff {
  id: string;
  email: string;
  name: string;
  role: "agent" | "lead" | "admin";
  presence: Presence;
  languages: string[];
  open: number;
  capacity: number;
  seen_at: string | null;
  has_second_factor: boolean;
}

/** Another agent who looks at the same conversation. */
export interface Looker {
  id: string;
  name: string;
  writing: boolean;
}

/** A text that is kept to be sent again. */
export interface Canned {
  id: string;
  name: string;
  text: string;
  is_shared: boolean;
  /** Sending it ends the conversation as solved. */
  ends: boolean;
  /** Sending it puts these on the conversation. */
  tags: string[];
}

export interface Queue {
  name: string;
  title?: string;
  is_open: boolean;
}

export interface Known {
  site: string;
  subject: string;
  attributes: Record<string, unknown>;
}

export interface Past {
  id: string;
  phase: PhaseName;
  at: string;
  need: string | null;
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
  page: { url?: string | null; title?: string | null; referrer?: string | null; device?: string | null } | null;
  trace: Trace | null;
  /** Addresses and numbers in the customer's words. */
  found?: { kind: string; text: string }[];
  /** Approved texts that may fit, the likeliest first. */
  suggested?: Suggested[];
  /** IANA name, as the customer's browser tells it. */
  time_zone?: string | null;
}

export interface Suggested {
  article: string;
  title: string;
  text: string;
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
  /** Turns that will never reach the customer. */
  undelivered?: { turn: number; why: string }[];
  /** Since when the customer has blocked the bot. */
  unreachable_since?: string;
  /** Since when we take nothing from the customer. */
  blocked_at?: string;
  /** The number of the last change that this answer knows. */
  through: number;
  traces: { seq: number; trace: Trace }[];
  position: number | null;
  /** What was merged into it, oldest first. */
  absorbed?: { id: string; turns: Turn[] }[];
  /** What the customer left to be reached by, newest first. */
  contacts?: { kind: string; text: string }[];
  /** Whom the site vouches for, or what Telegram knows. */
  profile?: Known;
  /** Other conversations of the customer, the latest first. */
  past?: Past[];
  clocks?: ClockRow[];
  /** What the customer filled in before the first words; nobody has checked it. */
  details?: { field: DetailField; text: string }[];
  /** How far each side has read. */
  read?: { agent: number; customer: number };
  is_customer_typing?: boolean;
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
