// Replies that the server has not acknowledged yet: kept, sent in order, sent again with the same client id.

import type { Attachment } from "../wire";

export type Refusal = "not_yours" | "unknown_conversation" | "text_too_long" | "empty_text" | "other";

export type Standing =
  | { name: "queued" }
  | { name: "sending" }
  /** Something broke; it is sent again at `retryAt` (milliseconds). */
  | { name: "retrying"; retryAt: number }
  /** A rule said no: sending again would not help, the words go back to the agent. */
  | { name: "refused"; why: Refusal; agent?: string; detail?: string };

export interface Reply {
  clientId: string;
  conversation: string;
  text: string;
  /** Only agents see it. */
  isNote?: boolean;
  /** Colleagues who were picked from the list, as long as their names stand in the note. */
  picked?: readonly string[];
  /** Uploaded before; missing in what an older console kept. */
  attachments?: readonly Attachment[];
  /** Milliseconds; replies of one conversation go out in this order. */
  writtenAt: number;
  nAttempts: number;
  standing: Standing;
}

export type Answer =
  | { name: "taken" }
  /** `detail`: the server's own sentence. */
  | { name: "refused"; code: string; agent?: string; detail?: string }
  /** No answer, a broken server, or too many requests. */
  | { name: "failed"; retryAfterSecs?: number }
  | { name: "signed_out" };

export const MAX_REPLY_CHARS = 4000;
export const MAX_OUTBOX = 200;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/** What may be sent beside files: trimmed, perhaps empty, within the limit. */
export function sendableBeside(text: string, nFiles: number): string | null {
  return nFiles > 0 && !text.trim() ? "" : sendable(text);
}

/** What may be sent: trimmed, not empty, within the server's limit, which counts characters and not UTF-16 units. */
export function sendable(text: string): string | null {
  const trimmed = text.trim();
  return trimmed && countChars(trimmed) <= MAX_REPLY_CHARS ? trimmed : null;
}

export function countChars(text: string): number {
  let n = 0;
  for (const _ of text) n++;
  return n;
}

export interface Written {
  conversation: string;
  text: string;
  isNote?: boolean;
  picked?: readonly string[];
  attachments?: readonly Attachment[];
}

export function written(replies: readonly Reply[], { conversation, text, isNote, picked, attachments }: Written, clientId: string, now: number): Reply[] {
  // Two replies in the same millisecond still keep their order.
  const last = replies.at(-1)?.writtenAt ?? 0;
  const reply: Reply = { clientId, conversation, text, writtenAt: Math.max(now, last + 1), nAttempts: 0, standing: { name: "queued" } };
  const beside = { ...(isNote && { isNote }), ...(picked?.length && { picked }), ...(attachments?.length && { attachments }) };
  return [...replies, { ...reply, ...beside }];
}

/** What goes out now: of each conversation the oldest that was not refused, if its time has come. */
export function due(replies: readonly Reply[], now: number): Reply[] {
  const heads = new Map<string, Reply>();
  for (const reply of replies) {
    const head = heads.get(reply.conversation);
    if (reply.standing.name !== "refused" && (!head || reply.writtenAt < head.writtenAt)) heads.set(reply.conversation, reply);
  }
  return [...heads.values()].filter(
    ({ standing }) => standing.name === "queued" || (standing.name === "retrying" && standing.retryAt <= now),
  );
}

/** When to look again, in milliseconds of the clock; null when nothing waits for its time. */
export function nextDue(replies: readonly Reply[]): number | null {
  const times = replies.map(({ standing }) => (standing.name === "retrying" ? standing.retryAt : Infinity));
  const first = Math.min(Infinity, ...times);
  return first === Infinity ? null : first;
}

export function sending(replies: readonly Reply[], clientId: string): Reply[] {
  return change(replies, clientId, (reply) => ({ ...reply, nAttempts: reply.nAttempts + 1, standing: { name: "sending" } }));
}

export function answered(replies: readonly Reply[], clientId: string, answer: Answer, now: number): Reply[] {
  switch (answer.name) {
    case "taken":
      return replies.filter((reply) => reply.clientId !== clientId);
    case "refused":
      return change(replies, clientId, (reply) => ({
        ...reply,
        standing: { name: "refused", why: refusal(answer.code), agent: answer.agent, detail: answer.detail },
      }));
    case "failed":
      return change(replies, clientId, (reply) => ({
        ...reply,
        standing: { name: "retrying", retryAt: now + retryWait(reply.nAttempts, answer.retryAfterSecs) },
      }));
    case "signed_out":
      // Signing in wakes it; until then nothing is tried.
      return change(replies, clientId, (reply) => ({ ...reply, standing: { name: "queued" } }));
  }
}

/** Refused replies of conversations that are not in sight: without a word about them nobody would ever know. */
export function refusedElsewhere(replies: readonly Reply[], open: string | null): Reply[] {
  return replies.filter(({ standing, conversation }) => standing.name === "refused" && conversation !== open);
}

/** A reply whose turn is in the transcript was taken, even if its acknowledgement was lost on the way. */
export function seen(replies: readonly Reply[], clientIds: ReadonlySet<string>): Reply[] {
  return replies.filter((reply) => !clientIds.has(reply.clientId));
}

/** Everything that waits for its time goes out now: the network is back, or the agent asked. */
export function hurried(replies: readonly Reply[]): Reply[] {
  return replies.map((reply) => (reply.standing.name === "retrying" ? { ...reply, standing: { name: "queued" } } : reply));
}

/** After a reload nothing is in flight: what was being sent is sent again, under the same client id. */
export function restored(replies: readonly Reply[]): Reply[] {
  return replies
    .map((reply): Reply => (reply.standing.name === "refused" ? reply : { ...reply, standing: { name: "queued" } }))
    .sort((a, b) => a.writtenAt - b.writtenAt);
}

/** 1, 2, 4 … 30 s, or longer if the server asks for it. */
export function retryWait(nAttempts: number, retryAfterSecs = 0): number {
  const wait = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, nAttempts - 1));
  return Math.max(wait, retryAfterSecs * 1000);
}

function change(replies: readonly Reply[], clientId: string, by: (reply: Reply) => Reply): Reply[] {
  return replies.map((reply) => (reply.clientId === clientId ? by(reply) : reply));
}

function refusal(code: string): Refusal {
  switch (code) {
    case "not_yours":
    case "unknown_conversation":
    case "text_too_long":
    case "empty_text":
      return code;
    default:
      return "other";
  }
}
