// The shapes of the HTTP interface, and one way to call it: a time limit, JSON in and out, problems typed.
// No DOM, no rules: what to do about a problem is decided by who called.

/** How long a call may take before it counts as lost, unless the caller says otherwise. */
export const CALL_LIMIT_MS = 15_000;
/** A `Retry-After` beyond this is taken as this. A sign-in is locked for that long, which is the longest that our server says. */
export const RETRY_AFTER_MAX_SECS = 900;

export type Speaker = "customer" | "bot" | "agent" | "system";
export type TurnKind = "text" | "option" | "answer" | "clarification" | "small_talk" | "notice" | "note";

/** A button under a turn: an article to read, or one of the reserved ids in `Reserved`. */
export interface Choice {
  article: string;
  title: string;
}

/** Ids of options that are not articles. */
export const Reserved = { human: "human", somethingElse: "something_else", backToBot: "back_to_bot" } as const;

/** A file that stands in a turn. `url` is a path on the server; whoever knows it may read the file. */
export interface Attachment {
  id: string;
  name: string;
  /** Its media type, by its bytes. */
  type: string;
  bytes: number;
  url: string;
  /** Of pictures. */
  width?: number;
  height?: number;
}

/** One thing said in a conversation. An edit is the whole turn again with a higher `rev`. */
export interface Turn {
  seq: number;
  id: string;
  rev: number;
  client_id?: string;
  by: Speaker;
  kind: TurnKind;
  text: string;
  /** Sanitised by the server; answers have it, and agents' words with marks in them. */
  html?: string;
  /** RFC 3339, UTC. */
  at: string;
  agent?: Person;
  options?: Choice[];
  decision?: string;
  /** Of an answer its source; of an option what was tapped. */
  article?: { id: string; title: string };
  attachments?: Attachment[];
  /** It has other words than when it was said. */
  edited?: boolean;
  /** It was taken back; `text` says so. */
  withdrawn?: boolean;
}

/** An agent as customers know them. */
export interface Person {
  name: string;
  /** An absolute path on the server. */
  avatar?: string;
}

export type PhaseName = "with_bot" | "waiting" | "with_agent" | "resolved";

/** Who has the conversation. */
export interface Phase {
  name: PhaseName;
  since: string;
  reason?: string;
  agent?: Person & { id?: string };
}

/** The customer's place in line; only while waiting. `position` counts from 1. */
export interface Queue {
  position: number;
  /** At least and at most; null while too few people waited here lately. */
  expected_wait_secs: number | null;
  longest_wait_secs?: number | null;
  /** Nobody is at work; `opens_at` says when somebody is, if it is known. */
  is_closed?: boolean;
  opens_at?: string | null;
}

/** What changed since a number. `through` is where the next request resumes; numbers may be skipped. */
export interface Page {
  turns: Turn[];
  through: number;
  phase: Phase;
  queue?: Queue;
  /** The last turn that each side has had before their eyes. */
  read?: { agent: number; customer: number };
  /** Only while the agent types. */
  typing?: { agent: Person };
  /** Stands for all that has no number; a request that waits sends it back, so that nothing is missed in between. */
  standing?: string;
}

/** RFC 9457 problem details, as far as a client reads them. Further members are kept under their names. */
export interface Problem {
  status: number;
  code: string;
  title?: string;
  detail?: string;
  request_id?: string;
  [extra: string]: unknown;
}

/** Why a call brought no answer. A problem came from the server; `unreachable` and `timeout` say nothing about whether it acted. */
export type Failure =
  | { kind: "problem"; problem: Problem; retryAfterSecs: number | null }
  | { kind: "unreachable" }
  | { kind: "timeout" };

export class CallFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind === "problem" ? `${failure.problem.status} ${failure.problem.code}` : failure.kind);
    this.name = "CallFailed";
    this.failure = failure;
  }

  /** The stable code of the server's problem, or null when the server did not answer. */
  get code(): string | null {
    return this.failure.kind === "problem" ? this.failure.problem.code : null;
  }
}

export interface CallOptions {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  /** Bearer token. */
  token?: string;
  /** `same-origin` sends the console's cookie; the widget sends none. */
  credentials?: RequestCredentials;
  limitMs?: number;
  /** Gives the call up from outside; it then fails as `unreachable`. */
  signal?: AbortSignal;
}

/** Calls the server. Resolves with the JSON body (undefined for 204); rejects only with `CallFailed`. */
export async function call<T>(url: string, options: CallOptions = {}): Promise<T> {
  const stop = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, options.limitMs ?? CALL_LIMIT_MS);
  const giveUp = () => stop.abort();
  if (options.signal?.aborted) giveUp();
  options.signal?.addEventListener("abort", giveUp);

  try {
    const headers: Record<string, string> = { accept: "application/json" };
    if (options.token) headers["authorization"] = `Bearer ${options.token}`;
    const init: RequestInit = {
      method: options.method ?? (options.body === undefined ? "GET" : "POST"),
      headers,
      credentials: options.credentials ?? "same-origin",
      cache: "no-store",
      signal: stop.signal,
    };
    if (options.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(options.body);
    }
    const response = await fetch(url, init);
    if (!response.ok) throw new CallFailed(await readProblem(response));
    return (response.status === 204 ? undefined : await response.json()) as T;
  } catch (error) {
    if (error instanceof CallFailed) throw error;
    // A body that is no JSON, such as a captive portal's page, is as good as no answer.
    throw new CallFailed({ kind: timedOut ? "timeout" : "unreachable" });
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", giveUp);
  }
}

async function readProblem(response: Response): Promise<Failure> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    // A proxy in between answers in HTML; its status still counts.
    body = null;
  }
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const problem: Problem = {
    ...said,
    status: response.status,
    code: typeof said["code"] === "string" ? said["code"] : `http_${response.status}`,
  };
  return { kind: "problem", problem, retryAfterSecs: retryAfter(response.headers.get("retry-after"), Date.now()) };
}

/** RFC 9110, section 10.2.3: seconds, or a date. Null when absent or unreadable. */
export function retryAfter(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === "") return null;
  const secs = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - nowMs) / 1000);
  return Number.isNaN(secs) ? null : Math.min(Math.max(secs, 0), RETRY_AFTER_MAX_SECS);
}

/** Where a live socket stands for an HTTP address: `https://shop/api` becomes `wss://shop/api`. */
export function socketUrl(url: string): string {
  return url.replace(/^http/, "ws");
}
