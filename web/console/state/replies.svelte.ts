// Sends what agents write and keeps it until the server has it; keeps drafts as they are typed.

import { CallFailed } from "../../shared/api";
import { SvelteMap } from "svelte/reactivity";
import type { DeskApi } from "../desk_api";
import { Drawer, type Shelf } from "../rules/drafts";
import * as outbox from "../rules/outbox";
import { namedAgent } from "../rules/standing";
import type { Turn } from "../wire";

const MAX_DRAFTS = 200;

export interface Told {
  taken(conversation: string, turn: Turn): void;
  refused(conversation: string, code: string, agent: string | null): void;
}

export class Replies {
  /** All that is not acknowledged, in the order in which it was written. */
  all = $state.raw<outbox.Reply[]>([]);
  /** False when the browser keeps nothing, so that the composer can say so. */
  kept = $state(true);
  private readonly drafts = new SvelteMap<string, string>();
  private readonly draftDrawer: Drawer<string>;
  private readonly replyDrawer: Drawer<outbox.Reply>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private paused = false;

  constructor(
    private readonly api: DeskApi,
    shelf: Shelf,
    agent: string,
    private readonly told: Told,
  ) {
    this.draftDrawer = new Drawer(shelf, "draft", agent, MAX_DRAFTS);
    this.replyDrawer = new Drawer(shelf, "reply", agent, outbox.MAX_OUTBOX);
    for (const { key, value } of this.draftDrawer.entries()) this.drafts.set(key, value);
    this.all = outbox.restored(this.replyDrawer.entries().map(({ value }) => value));
  }

  draft(conversation: string): string {
    return this.drafts.get(conversation) ?? "";
  }

  setDraft(conversation: string, text: string) {
    if (text.trim()) {
      this.drafts.set(conversation, text);
      this.kept = this.draftDrawer.put(conversation, text, Date.now());
    } else {
      this.drafts.delete(conversation);
      this.draftDrawer.remove(conversation);
    }
  }

  of(conversation: string): outbox.Reply[] {
    return this.all.filter((reply) => reply.conversation === conversation);
  }

  /** Takes the draft and sends it; says no where there is nothing to send or it is too long. */
  send(conversation: string): boolean {
    const text = outbox.sendable(this.draft(conversation));
    if (text === null || this.all.length >= outbox.MAX_OUTBOX) return false;
    this.set(outbox.written(this.all, conversation, text, newId(), Date.now()));
    this.setDraft(conversation, "");
    this.pump();
    return true;
  }

  /** The words of a refused reply go back to where they came from, after what was typed since. */
  backToDraft(reply: outbox.Reply) {
    const since = this.draft(reply.conversation);
    this.setDraft(reply.conversation, since.trim() ? `${since.trimEnd()}\n\n${reply.text}` : reply.text);
    this.discard(reply);
  }

  discard(reply: outbox.Reply) {
    this.set(this.all.filter(({ clientId }) => clientId !== reply.clientId));
  }

  /** What the transcript shows needs no sending any more. */
  seen(turns: readonly Turn[]) {
    const ids = new Set(turns.flatMap((turn) => turn.client_id ?? []));
    if (this.all.some(({ clientId }) => ids.has(clientId))) this.set(outbox.seen(this.all, ids));
  }

  /** The network is back, the agent signed in again, or pressed "try now". */
  hurry() {
    this.paused = false;
    this.set(outbox.hurried(this.all));
    this.pump();
  }

  pause() {
    this.paused = true;
    clearTimeout(this.timer);
  }

  private pump() {
    clearTimeout(this.timer);
    if (this.paused) return;
    for (const reply of outbox.due(this.all, Date.now())) void this.deliver(reply);
    const next = outbox.nextDue(this.all);
    if (next !== null) this.timer = setTimeout(() => this.pump(), Math.max(0, next - Date.now()));
  }

  private async deliver({ clientId, conversation, text }: outbox.Reply) {
    this.set(outbox.sending(this.all, clientId));
    try {
      const { turn } = await this.api.reply(conversation, clientId, text);
      // The turn comes before the reply goes, so that the words never vanish for a moment.
      this.told.taken(conversation, turn);
      this.set(outbox.answered(this.all, clientId, { name: "taken" }, Date.now()));
    } catch (error) {
      const answer = answerOf(error);
      this.set(outbox.answered(this.all, clientId, answer, Date.now()));
      if (answer.name === "signed_out") return this.pause();
      if (answer.name === "refused") this.told.refused(conversation, answer.code, answer.agent ?? null);
    }
    this.pump();
  }

  /** Writes what changed; one entry for each reply, so that two windows do not overwrite each other. */
  private set(replies: outbox.Reply[]) {
    const before = new Map(this.all.map((reply) => [reply.clientId, reply]));
    this.all = replies;
    for (const reply of replies) {
      if (before.get(reply.clientId) !== reply) this.kept = this.replyDrawer.put(reply.clientId, reply, reply.writtenAt);
      before.delete(reply.clientId);
    }
    for (const clientId of before.keys()) this.replyDrawer.remove(clientId);
  }
}

/** 128 random bits; `randomUUID` is missing where the console is served without TLS. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function answerOf(error: unknown): outbox.Answer {
  if (!(error instanceof CallFailed) || error.failure.kind !== "problem") return { name: "failed" };
  const { problem, retryAfterSecs } = error.failure;
  if (problem.status === 401) return { name: "signed_out" };
  // Too many requests and a server that cannot write pass by themselves; every other 4xx is a rule.
  if (problem.status === 429 || problem.status === 408 || problem.status >= 500) {
    return { name: "failed", retryAfterSecs: retryAfterSecs ?? undefined };
  }
  return { name: "refused", code: problem.code, agent: namedAgent(problem["agent"]) ?? undefined };
}
