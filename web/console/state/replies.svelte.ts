// Sends what agents write and keeps it until the server has it; keeps drafts as they are typed.

import { CallFailed } from "../../shared/api";
import { SvelteMap } from "svelte/reactivity";
import type { DeskApi } from "../desk_api";
import type { Brings } from "../rules/canned";
import { Drawer, readDraft, toKeep, type Draft, type KeptDraft, type Shelf } from "../rules/drafts";
import * as outbox from "../rules/outbox";
import { namedAgent } from "../rules/standing";
import type { Attachment, Turn } from "../wire";

const MAX_DRAFTS = 200;
/** So long the hands rest before the server keeps what was typed. */
const KEEP_AFTER_MS = 1_000;

export interface Told {
  taken(conversation: string, turn: Turn): void;
  /** `detail`: the server's own sentence, or the code where it says none. */
  refused(conversation: string, code: string, agent: string | null, detail: string): void;
}

export class Replies {
  /** All that is not acknowledged, in the order in which it was written. */
  all = $state.raw<outbox.Reply[]>([]);
  /** False when the browser keeps nothing, so that the composer can say so. */
  kept = $state(true);
  /** Whom a note calls. It is asked when the note goes out: by then it is known who works here. */
  called: (text: string, picked: readonly string[]) => Promise<readonly string[]> = async () => [];
  /** Who was picked from the list for the note that is being written, so that of two with one name the right one is called. */
  private readonly picked = new Map<string, readonly string[]>();
  private readonly drafts = new SvelteMap<string, Draft>();
  private readonly draftDrawer: Drawer<KeptDraft>;
  private readonly replyDrawer: Drawer<outbox.Reply>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private paused = false;
  /** Drafts that the server does not have yet, as they were last typed. */
  private readonly unkept = new Map<string, ReturnType<typeof setTimeout>>();
  /** Conversations whose draft the server was given: it may need to forget it. */
  private readonly given = new Set<string>();
  private waiting: { conversation: string; done: () => void }[] = [];

  constructor(
    private readonly api: DeskApi,
    shelf: Shelf,
    agent: string,
    private readonly told: Told,
  ) {
    this.draftDrawer = new Drawer(shelf, "draft", agent, MAX_DRAFTS);
    this.replyDrawer = new Drawer(shelf, "reply", agent, outbox.MAX_OUTBOX);
    for (const { key, value } of this.draftDrawer.entries()) {
      const draft = readDraft(value);
      if (draft) this.drafts.set(key, draft);
    }
    this.all = outbox.restored(this.replyDrawer.entries().map(({ value }) => value));
  }

  draft(conversation: string): string {
    return this.drafts.get(conversation)?.text ?? "";
  }

  /** What sending the draft does besides, because a canned reply was inserted; null: sending it only sends it. */
  brings(conversation: string): Brings | null {
    return this.drafts.get(conversation)?.brings ?? null;
  }

  /** It goes with the draft's last word. Only this machine keeps it. */
  bring(conversation: string, brings: Brings | null) {
    this.keepHere(conversation, { text: this.draft(conversation), brings: brings && (brings.ends || brings.tags.length) ? brings : null });
  }

  setDraft(conversation: string, text: string) {
    this.keepHere(conversation, { text, brings: this.brings(conversation) });
    // Notes stay on this machine until they are written.
    if (isNoteKey(conversation)) return;
    clearTimeout(this.unkept.get(conversation));
    this.unkept.set(conversation, setTimeout(() => void this.keepThere(conversation), KEEP_AFTER_MS));
  }

  /** What was typed on another machine, where nothing was typed on this one. */
  async findDraft(conversation: string) {
    if (this.draft(conversation) || this.unkept.has(conversation)) return;
    try {
      const { text } = await this.api.draft(conversation);
      if (!text) return;
      this.given.add(conversation);
      // Whoever began to type meanwhile goes on with that.
      if (!this.draft(conversation) && !this.unkept.has(conversation)) this.keepHere(conversation, { text, brings: null });
    } catch {
      // It is on the other machine still.
    }
  }

  private async keepThere(conversation: string) {
    this.unkept.delete(conversation);
    const text = this.draft(conversation);
    if (!text && !this.given.has(conversation)) return;
    try {
      this.given.add(conversation);
      await this.api.keepDraft(conversation, text);
      if (!text) this.given.delete(conversation);
    } catch {
      // This machine keeps it; the next letter tries again.
    }
  }

  private keepHere(conversation: string, draft: Draft) {
    if (draft.text.trim()) {
      this.drafts.set(conversation, draft);
      this.kept = this.draftDrawer.put(conversation, toKeep(draft), Date.now());
    } else {
      this.drafts.delete(conversation);
      this.draftDrawer.remove(conversation);
    }
  }

  /** Until everything of the conversation is taken, or something is refused. */
  settled(conversation: string): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ conversation, done });
      this.tellSettled();
    });
  }

  private tellSettled() {
    const isSettled = ({ conversation }: { conversation: string }) => this.of(conversation).every(({ standing }) => standing.name === "refused");
    const done = this.waiting.filter(isSettled);
    this.waiting = this.waiting.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  of(conversation: string): outbox.Reply[] {
    return this.all.filter((reply) => reply.conversation === conversation);
  }

  /** Takes the draft and sends it with the files; says no where there is nothing to send or it is too long. */
  send(conversation: string, attachments: readonly Attachment[] = []): boolean {
    const text = outbox.sendableBeside(this.draft(conversation), attachments.length);
    if (text === null || this.all.length >= outbox.MAX_OUTBOX) return false;
    this.set(outbox.written(this.all, { conversation, text, attachments }, newId(), Date.now()));
    this.setDraft(conversation, "");
    this.pump();
    return true;
  }

  /** A colleague was picked for the note; whether they are called is said by the words that are sent. */
  pick(conversation: string, agent: string) {
    this.picked.set(conversation, [...new Set([...(this.picked.get(conversation) ?? []), agent])]);
  }

  /** Takes the draft of a note and writes it. */
  sendNote(conversation: string): boolean {
    const text = outbox.sendable(this.draft(noteKey(conversation)));
    if (text === null || this.all.length >= outbox.MAX_OUTBOX) return false;
    this.set(outbox.written(this.all, { conversation, text, isNote: true, picked: this.picked.get(conversation) }, newId(), Date.now()));
    this.picked.delete(conversation);
    this.setDraft(noteKey(conversation), "");
    this.pump();
    return true;
  }

  /** The words of a refused reply go back to where they came from, after what was typed since. */
  backToDraft(reply: outbox.Reply) {
    const draft = reply.isNote ? noteKey(reply.conversation) : reply.conversation;
    const since = this.draft(draft);
    for (const agent of reply.picked ?? []) this.pick(reply.conversation, agent);
    if (reply.text) this.setDraft(draft, since.trim() ? `${since.trimEnd()}\n\n${reply.text}` : reply.text);
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

  private async deliver({ clientId, conversation, text, isNote, picked = [], attachments = [] }: outbox.Reply) {
    this.set(outbox.sending(this.all, clientId));
    try {
      const { turn } = isNote
        ? await this.api.note(conversation, clientId, text, await this.called(text, picked))
        : await this.api.reply(conversation, clientId, text, attachments.map(({ id }) => id));
      // The turn comes before the reply goes, so that the words never vanish for a moment.
      this.told.taken(conversation, turn);
      this.set(outbox.answered(this.all, clientId, { name: "taken" }, Date.now()));
    } catch (error) {
      const answer = answerOf(error);
      this.set(outbox.answered(this.all, clientId, answer, Date.now()));
      if (answer.name === "signed_out") return this.pause();
      if (answer.name === "refused") this.told.refused(conversation, answer.code, answer.agent ?? null, answer.detail ?? answer.code);
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
    this.tellSettled();
  }
}

/** Where the draft of a note is kept, beside that of the reply. */
export function noteKey(conversation: string): string {
  return `note:${conversation}`;
}

function isNoteKey(key: string): boolean {
  return key.startsWith("note:");
}

/** 128 random bits; `randomUUID` is missing where the console is served without TLS. */
export function newId(): string {
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
  return { name: "refused", code: problem.code, agent: namedAgent(problem["agent"]) ?? undefined, detail: problem.detail };
}
