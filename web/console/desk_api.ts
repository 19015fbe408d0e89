// The desk's calls, one function each. Says who is told about an ended session and about a server out of reach.

import { call, CallFailed, retryAfter, type CallOptions, type Problem } from "../shared/api";
import type { Titled } from "./rules/canned";
import type { Attachment, Canned, Finding, List, Looker, Me, Opened, Presence, Queue, Row, SavedView, Staff, TagUse, Turn, View } from "./wire";

const BASE = "/api/v1/desk";
export const PAGE_ROWS = 50;

/** What every call tells about the way to the server, beside its own answer. */
export interface Watch {
  reached(): void;
  outOfReach(): void;
  signedOut(): void;
}

export type Act =
  | "claim"
  | "take_over"
  | "release"
  | "hand_back"
  | "transfer"
  | "escalate"
  | "snooze"
  | "wake"
  | "merge"
  | "follow_up"
  | "follow_up_done"
  | "resolve"
  | "block"
  | "unblock";

/** What a list is narrowed to; empty: everything of the view. */
export interface Filter {
  /** Words, or numbers, that were said. */
  words?: string;
  queue?: string;
  channel?: string;
  language?: string;
  tag?: string;
}

export class DeskApi {
  watch: Watch = { reached() {}, outOfReach() {}, signedOut() {} };

  /** `code`: of the second factor. A refused password is an answer for the form, not the end of a session. */
  login(email: string, password: string, code?: string): Promise<Me> {
    return call<Me>(`${BASE}/login`, { body: { email, password, code } });
  }

  /** How else one may sign in; nobody needs to be signed in for that. */
  signInOptions(): Promise<{ sso: { name: string } | null }> {
    return call(`${BASE}/sign_in_options`);
  }

  logout(): Promise<void> {
    return call<void>(`${BASE}/logout`, { body: {} });
  }

  me(): Promise<Me> {
    return this.ask<Me>("/me");
  }

  /** With words it looks through every view. */
  list(view: View, cursor: string | null, filter: Filter = {}, limit = PAGE_ROWS): Promise<List> {
    const query = new URLSearchParams({ view: filter.words ? "all" : view, limit: String(limit) });
    for (const [name, wanted] of Object.entries(filter)) if (wanted) query.set(name === "words" ? "q" : name, wanted);
    if (cursor) query.set("cursor", cursor);
    return this.ask<List>(`/conversations?${query}`);
  }

  open(id: string): Promise<Opened> {
    return this.ask<Opened>(conversation(id));
  }

  act(id: string, act: Act, body: object = {}): Promise<{ conversation: Row }> {
    return this.ask(`${conversation(id)}/${act}`, { body });
  }

  /** Puts tags on and takes others off; nothing changes where one of them would be no tag, or too many. */
  tag(id: string, add: readonly string[], remove: readonly string[]): Promise<{ conversation: Row }> {
    return this.ask(`${conversation(id)}/tag`, { body: { add, remove } });
  }

  /** Those in use, the most used first. */
  tags(): Promise<{ tags: TagUse[] }> {
    return this.ask("/tags");
  }

  /** Everybody's and one's own, by name. */
  views(): Promise<{ views: SavedView[] }> {
    return this.ask("/views");
  }

  keepView(wish: Omit<SavedView, "id"> & { id?: string }): Promise<SavedView> {
    return this.ask("/views", { body: wish });
  }

  removeView(id: string, isShared: boolean): Promise<void> {
    return this.ask(`/views/${encodeURIComponent(id)}?is_shared=${isShared}`, { method: "DELETE" });
  }

  /** Says which article was right for the question behind a decision; null: none. */
  judge(id: string, seq: number, article: string | null): Promise<{ question: number }> {
    return this.ask(`${conversation(id)}/judge`, { body: { seq, article } });
  }

  /** Says that one looks there, perhaps writes, or has gone; returns who else looks. */
  look(id: string, what: { writing?: boolean; gone?: boolean }): Promise<{ agents: Looker[] }> {
    return this.ask(`${conversation(id)}/look`, { body: what });
  }

  canned(): Promise<{ replies: Canned[] }> {
    return this.ask("/canned");
  }

  keepCanned(wish: Omit<Canned, "id"> & { id?: string }): Promise<Canned> {
    return this.ask("/canned", { body: wish });
  }

  removeCanned(id: string, isShared: boolean): Promise<void> {
    return this.ask(`/canned/${encodeURIComponent(id)}?is_shared=${isShared}`, { method: "DELETE" });
  }

  articleTitles(): Promise<{ articles: Titled[] }> {
    return this.ask("/articles");
  }

  articleText(id: string, language: string | null): Promise<{ text: string }> {
    return this.ask(`/articles/${encodeURIComponent(id)}?${new URLSearchParams(language ? { language } : {})}`);
  }

  staff(): Promise<{ agents: Staff[] }> {
    return this.ask("/agents");
  }

  queues(): Promise<{ queues: Queue[] }> {
    return this.ask("/queues");
  }

  presence(presence: Presence): Promise<void> {
    return this.ask("/presence", { body: { presence } });
  }

  /** What was being written here, on whatever machine. */
  draft(id: string): Promise<{ text: string }> {
    return this.ask(`${conversation(id)}/draft`);
  }

  keepDraft(id: string, text: string): Promise<void> {
    return this.ask(`${conversation(id)}/draft`, { body: { text } });
  }

  /** Only agents see a note. */
  note(id: string, clientId: string, text: string, mentions: readonly string[] = []): Promise<{ turn: Turn; through: number }> {
    return this.ask(`${conversation(id)}/note`, { body: { client_id: clientId, text, mentions } });
  }

  reply(id: string, clientId: string, text: string, attachments: readonly string[] = []): Promise<{ turn: Turn; through: number }> {
    return this.ask(`${conversation(id)}/reply`, { body: { client_id: clientId, text, attachments } });
  }

  edit(id: string, turn: string, text: string): Promise<{ turn: Turn; through: number }> {
    return this.ask(`${conversation(id)}/turns/${encodeURIComponent(turn)}`, { method: "PATCH", body: { text } });
  }

  withdraw(id: string, turn: string): Promise<{ turn: Turn; through: number }> {
    return this.ask(`${conversation(id)}/turns/${encodeURIComponent(turn)}`, { method: "DELETE" });
  }

  /** `progress` is told the share that has gone, 0 to 1. Only the old way of asking knows how much has gone up. */
  upload(id: string, clientId: string, file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Attachment> {
    const query = new URLSearchParams({ client_id: clientId, name: file.name });
    return new Promise<Attachment>((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${BASE}${conversation(id)}/attachments?${query}`);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
      request.onload = () => {
        const { status, response } = request;
        if (status >= 200 && status < 300 && response) return resolve(response as Attachment);
        const problem: Problem = { code: `http_${status}`, ...(response as object | null), status };
        const retryAfterSecs = retryAfter(request.getResponseHeader("retry-after"), Date.now());
        reject(new CallFailed({ kind: "problem", problem, retryAfterSecs }));
      };
      request.onerror = request.onabort = () => reject(new CallFailed({ kind: "unreachable" }));
      signal.addEventListener("abort", () => request.abort());
      request.send(file);
    }).catch((error: unknown) => {
      if (error instanceof CallFailed && !signal.aborted) this.report(error);
      throw error;
    });
  }

  /** Sets one's own picture, or takes it away; returns where it is. */
  async picture(file: File | null): Promise<string | null> {
    try {
      const response = await fetch(`${BASE}/me/avatar`, file ? { method: "POST", body: file } : { method: "DELETE" });
      const body = (await response.json()) as { avatar: string | null } & Record<string, unknown>;
      if (response.ok) return body.avatar;
      throw new CallFailed({ kind: "problem", problem: { code: `http_${response.status}`, ...body, status: response.status }, retryAfterSecs: null });
    } catch (error) {
      const failed = error instanceof CallFailed ? error : new CallFailed({ kind: "unreachable" });
      this.report(failed);
      throw failed;
    }
  }

  /** Everything up to this number was on the screen. */
  read(id: string, through: number): Promise<void> {
    return this.ask(`${conversation(id)}/read`, { body: { through } });
  }

  typing(id: string, typing: boolean): Promise<void> {
    return this.ask(`${conversation(id)}/typing`, { body: { typing } });
  }

  findings(): Promise<{ findings: Finding[] }> {
    return this.ask("/findings");
  }

  liveUrl(): string {
    return new URL(`${BASE}/live`, location.href).href;
  }

  /** The server's clock, from the header that every answer carries; null when it cannot be read. */
  async serverDate(): Promise<string | null> {
    try {
      return (await fetch("/healthz", { cache: "no-store" })).headers.get("date");
    } catch {
      return null;
    }
  }

  async ask<T>(path: string, options?: CallOptions): Promise<T> {
    try {
      const answer = await call<T>(BASE + path, options);
      this.watch.reached();
      return answer;
    } catch (error) {
      if (error instanceof CallFailed) this.report(error);
      throw error;
    }
  }

  private report({ failure }: CallFailed) {
    if (failure.kind !== "problem") return this.watch.outOfReach();
    const { status } = failure.problem;
    // 502 and 504 come from a proxy that did not find the server either.
    if (status === 502 || status === 504) return this.watch.outOfReach();
    this.watch.reached();
    if (status === 401) this.watch.signedOut();
  }
}

function conversation(id: string): string {
  return `/conversations/${encodeURIComponent(id)}`;
}
