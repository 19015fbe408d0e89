// The desk's calls, one function each. Says who is told about an ended session and about a server out of reach.

import { call, CallFailed, type CallOptions } from "../shared/api";
import type { Ending, Finding, List, Me, Opened, Row, Turn, View } from "./wire";

const BASE = "/api/v1/desk";
export const PAGE_ROWS = 50;

/** What every call tells about the way to the server, beside its own answer. */
export interface Watch {
  reached(): void;
  outOfReach(): void;
  signedOut(): void;
}

export type Act = "claim" | "release" | "hand_back" | "resolve";

export class DeskApi {
  watch: Watch = { reached() {}, outOfReach() {}, signedOut() {} };

  login(email: string, password: string): Promise<Me> {
    // A refused password is an answer for the form, not the end of a session.
    return call<Me>(`${BASE}/login`, { body: { email, password } });
  }

  logout(): Promise<void> {
    return call<void>(`${BASE}/logout`, { body: {} });
  }

  me(): Promise<Me> {
    return this.ask<Me>("/me");
  }

  list(view: View, cursor: string | null): Promise<List> {
    const query = new URLSearchParams({ view, limit: String(PAGE_ROWS) });
    if (cursor) query.set("cursor", cursor);
    return this.ask<List>(`/conversations?${query}`);
  }

  open(id: string): Promise<Opened> {
    return this.ask<Opened>(conversation(id));
  }

  act(id: string, act: Act, ending?: Ending): Promise<{ conversation: Row }> {
    return this.ask(`${conversation(id)}/${act}`, { body: ending ?? {} });
  }

  reply(id: string, clientId: string, text: string): Promise<{ turn: Turn; through: number }> {
    return this.ask(`${conversation(id)}/reply`, { body: { client_id: clientId, text } });
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

  private async ask<T>(path: string, options?: CallOptions): Promise<T> {
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
