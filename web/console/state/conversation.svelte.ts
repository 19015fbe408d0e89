// The conversation that is open: what is known of it, what the agent does with it, and what came of that.

import { CallFailed } from "../../shared/api";
import type { Act, DeskApi } from "../desk_api";
import { namedAgent, refusedOf, type Refused } from "../rules/standing";
import type { TypingFrame } from "../rules/typing";
import { mergeOpened, mergeTurns, newerRow } from "../rules/turns";
import type { Opened, Row, Turn } from "../wire";

/** Conversations that open again at once, before the server answers. */
const MAX_REMEMBERED = 20;

export type Notice =
  | { name: "done"; act: Act }
  | { name: "refused"; why: Refused; agent: string | null; detail: string }
  | { name: "failed" };

export interface TagChange {
  add?: readonly string[];
  remove?: readonly string[];
}

export class OpenConversation {
  id = $state<string | null>(null);
  opened = $state.raw<Opened | null>(null);
  trouble = $state<"gone" | "not_your_queue" | "failed" | null>(null);
  busy = $state<Act | null>(null);
  notice = $state.raw<Notice | null>(null);
  customerTypes = $state(false);
  /** A turn whose words are wanted in the answer, until the composer has taken them. */
  quote = $state.raw<Turn | null>(null);
  private readonly remembered = new Map<string, Opened>();
  /** Changes of tags go one after the other, so that the last answer is the last word. */
  private tagging: Promise<unknown> = Promise.resolve();
  private nTagged = 0;

  constructor(
    private readonly api: DeskApi,
    /** The list is stale; the row is what we know better already. */
    private readonly changed: (row: Row | null) => void,
    private readonly fetched: (opened: Opened) => void,
  ) {}

  show(id: string | null) {
    if (id === this.id) return;
    this.id = id;
    this.opened = (id && this.remembered.get(id)) || null;
    this.trouble = null;
    this.notice = null;
    this.quote = null;
    this.customerTypes = false;
    if (id) void this.refresh();
  }

  async refresh(): Promise<void> {
    const id = this.id;
    if (!id) return;
    const nTagged = this.nTagged;
    try {
      const fetched = await this.api.open(id);
      // It may not know the tags that were changed meanwhile.
      if (nTagged !== this.nTagged) return this.refresh();
      const opened = mergeOpened(this.known(id), fetched);
      this.remember(opened);
      if (id !== this.id) return;
      this.trouble = null;
      this.customerTypes = fetched.is_customer_typing ?? false;
      this.fetched(opened);
    } catch (error) {
      if (id !== this.id) return;
      const problem = error instanceof CallFailed && error.failure.kind === "problem" ? error.failure.problem : null;
      const notOurs = problem?.code === "not_your_queue";
      if (problem?.status === 404 || notOurs) {
        this.remembered.delete(id);
        this.opened = null;
        this.trouble = notOurs ? "not_your_queue" : "gone";
      } else if (!this.opened) {
        this.trouble = "failed";
      }
    }
  }

  typing({ id, customer }: TypingFrame) {
    if (id === this.id) this.customerTypes = customer;
  }

  /** A reply that the server just stored. */
  add(id: string, turn: Turn) {
    const known = this.known(id);
    if (known) this.remember({ ...known, turns: mergeTurns(known.turns, [turn]) });
  }

  /** The row after it, or null. Losing a race is no failure: the notice says who won, and the conversation is fetched again. */
  async act(act: Act, body: object = {}, id: string | null = this.id): Promise<Row | null> {
    const isShown = id === this.id;
    if (!id || (isShown && this.busy)) return null;
    if (isShown) {
      this.busy = act;
      this.notice = null;
    }
    try {
      const { conversation } = await this.api.act(id, act, body);
      this.took(id, conversation);
      if (id === this.id) this.notice = { name: "done", act };
      return conversation;
    } catch (error) {
      if (id === this.id) this.notice = noticeOf(error);
      this.changed(null);
      return null;
    } finally {
      if (isShown) this.busy = null;
      void this.refresh();
    }
  }

  /** Puts tags on and takes others off. Says whether it worked; where it did not, the notice says why. */
  tag(change: TagChange, id: string | null = this.id): Promise<boolean> {
    const tagged = this.tagging.then(() => id !== null && this.tagNow(id, change));
    this.tagging = tagged;
    return tagged;
  }

  private async tagNow(id: string, change: TagChange): Promise<boolean> {
    if (id === this.id) this.notice = null;
    try {
      const { conversation } = await this.api.tag(id, change.add ?? [], change.remove ?? []);
      this.nTagged++;
      this.took(id, conversation);
      return true;
    } catch (error) {
      if (id === this.id) this.notice = noticeOf(error);
      this.changed(null);
      void this.refresh();
      return false;
    }
  }

  refused(id: string, code: string, agent: string | null, detail: string) {
    this.changed(null);
    if (id !== this.id) return;
    this.notice = { name: "refused", why: refusedOf(code), agent, detail };
    void this.refresh();
  }

  private took(id: string, row: Row) {
    // A merge answers with the other conversation.
    if (row.id !== id) return this.changed(null);
    const known = this.known(id);
    if (known) this.remember({ ...known, conversation: newerRow(known.conversation, row) });
    this.changed(row);
  }

  private known(id: string): Opened | null {
    return id === this.id && this.opened ? this.opened : (this.remembered.get(id) ?? null);
  }

  private remember(opened: Opened) {
    const { id } = opened.conversation;
    if (id === this.id) this.opened = opened;
    // Taking it out first makes the oldest the first in line to go.
    this.remembered.delete(id);
    this.remembered.set(id, opened);
    const oldest = this.remembered.size > MAX_REMEMBERED ? this.remembered.keys().next().value : undefined;
    if (oldest !== undefined) this.remembered.delete(oldest);
  }
}

function noticeOf(error: unknown): Notice | null {
  if (!(error instanceof CallFailed) || error.failure.kind !== "problem") return { name: "failed" };
  const { problem } = error.failure;
  // The sign-in page says it.
  if (problem.status === 401) return null;
  if (problem.status >= 500 || problem.status === 429) return { name: "failed" };
  return { name: "refused", why: refusedOf(problem.code), agent: namedAgent(problem["agent"]), detail: problem.detail ?? problem.code };
}
