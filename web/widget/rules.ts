// What the widget knows of its conversation, and how that changes. Plain values only: no DOM, no network, no clock, no dice.
//
// Two laws. What a customer typed stays in `pending` until the server shows it in a turn, or the customer takes it back.
// Nothing moves `through` but a page that was asked for with it, so that no turn between two answers is ever skipped.

import type { Attachment, Choice, Failure, Page, Phase, Queue, Turn } from "../shared/api";
import { Reserved } from "../shared/api";

/** Characters of one turn, as the server counts them (code points). */
export const MAX_TEXT_CHARS = 4_000;
/** From here on the customer sees how many are left. */
export const COUNTER_FROM_CHARS = 3_500;
/** Unsent sayings; beyond this the text stays in the field. */
export const MAX_PENDING = 50;
/** Turns that are kept for the next visit. A longer conversation is fetched again from its beginning. */
export const MAX_KEPT_TURNS = 100;
/** Doubled with each failure, up to the second. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 30_000;
/** The bot answers in milliseconds; after this the dots would only worry. */
export const LONGEST_AWAITING_MS = 20_000;
/** New conversations in a row without one acknowledged turn; then it is the server that is wrong. */
const MAX_RENEWALS = 2;
/** Files of one turn, the most that the server takes. */
export const MAX_FILES = 5;
/** Somebody who types says so every few seconds; without a word for so long they have stopped. */
export const TYPING_LASTS_MS = 8_000;
/** Stands in `sending` while the conversation itself is being made. */
export const OPENING = "opening";

/** What a customer did. `clientId` makes it count once however often it is sent. */
export interface Pending {
  readonly clientId: string;
  /** Milliseconds since the epoch, by the customer's clock; also the order of sending. */
  readonly at: number;
  readonly deed: Deed;
  /** Set when the server refused it for good. Then it waits for the customer and holds up nothing. */
  readonly refused: Refused | null;
}

export type Deed =
  | { readonly does: "says"; readonly text: string; readonly files?: readonly Attachment[] }
  | { readonly does: "taps"; readonly option: string; readonly title: string }
  | { readonly does: "judges"; readonly seq: number; readonly helped: boolean }
  | { readonly does: "rates"; readonly score: number; readonly comment: string };

export interface Refused {
  readonly code: string;
  /** Of `text_too_long`. */
  readonly limit: number | null;
}

export interface Retry {
  readonly tries: number;
  readonly at: number;
  /** The server asked to wait; else it could not be reached. */
  readonly busy: boolean;
}

export type Link =
  | { readonly is: "idle" }
  | { readonly is: "opening"; readonly tries: number }
  | { readonly is: "live" }
  | { readonly is: "lost"; readonly tries: number; readonly at: number };

export interface Held {
  readonly conversation: string;
  readonly token: string;
}

/** What survives a reload, beside the pending sayings, which are kept one by one. */
export interface Saved {
  readonly client_id: string;
  readonly conversation: string | null;
  readonly token: string | null;
  readonly through: number;
  readonly turns: readonly Turn[];
  readonly phase: Phase | null;
  readonly phase_seq: number;
  readonly queue: Queue | null;
  readonly seen: number;
  readonly judged: Judged | null;
  readonly rated: Rated | null;
  /** For the badge of a page that has not loaded the panel. */
  readonly unseen?: number;
  /** Milliseconds since the epoch: when something last happened. */
  readonly at?: number;
  readonly contact_left?: boolean;
}

export interface Judged {
  readonly seq: number;
  readonly helped: boolean;
}

export interface Rated {
  /** The phase it belongs to. */
  readonly since: string;
  readonly score: number;
  /** The comment was sent or declined. */
  readonly done: boolean;
}

export interface State {
  /** The conversation's own, made before the conversation is. */
  readonly clientId: string | null;
  readonly held: Held | null;
  /** By `seq`, each id once. */
  readonly turns: readonly Turn[];
  readonly through: number;
  readonly phase: Phase | null;
  /** The change as of which `phase` was told. `since` would not do: it goes back when an agent releases. */
  readonly phaseSeq: number;
  readonly queue: Queue | null;
  /** In the order in which they must arrive. */
  readonly pending: readonly Pending[];
  /** The client id under way, or `OPENING`. */
  readonly sending: string | null;
  readonly retry: Retry | null;
  readonly link: Link;
  /** While the socket is not live: whether the last request for turns came through. */
  readonly polled: boolean;
  /** The last turn that the customer had before their eyes. */
  readonly seen: number;
  readonly judged: Judged | null;
  readonly rated: Rated | null;
  /** When the last question was sent, for the dots. */
  readonly askedAt: number | null;
  readonly renewals: number;
  /** The server no longer knew the conversation, and a new one began. */
  readonly renewed: boolean;
  /** An agent has read up to this turn. */
  readonly readByAgent: number;
  /** Who is writing, and until when that may be believed. */
  readonly typing: { readonly name: string; readonly until: number } | null;
  /** The server opens no conversation without a (better) identity token. */
  readonly barred: Barred | null;
  /** A conversation is wanted although nothing was said yet: a file must have somewhere to go. */
  readonly wantsHeld: boolean;
  readonly contactLeft: boolean;
}

export type Barred = "identity_required" | "bad_identity";

const NOTHING: State = {
  clientId: null,
  held: null,
  turns: [],
  through: 0,
  phase: null,
  phaseSeq: 0,
  queue: null,
  pending: [],
  sending: null,
  retry: null,
  link: { is: "idle" },
  polled: false,
  seen: 0,
  judged: null,
  rated: null,
  askedAt: null,
  renewals: 0,
  renewed: false,
  readByAgent: 0,
  typing: null,
  barred: null,
  wantsHeld: false,
  contactLeft: false,
};

// ---- Beginning and resuming -------------------------------------------------------------------------------------

export function resume(saved: Saved | null, pending: readonly Pending[]): State {
  const waiting = [...pending].sort((a, b) => a.at - b.at);
  if (saved === null) return { ...NOTHING, pending: waiting };
  const held =
    saved.conversation !== null && saved.token !== null ? { conversation: saved.conversation, token: saved.token } : null;
  return settle({
    ...NOTHING,
    clientId: saved.client_id,
    held,
    turns: merge([], saved.turns),
    through: saved.through,
    phase: saved.phase,
    phaseSeq: saved.phase_seq,
    queue: saved.queue,
    pending: waiting,
    seen: saved.seen,
    judged: saved.judged,
    rated: saved.rated,
    contactLeft: saved.contact_left ?? false,
  });
}

/** A conversation is kept for so many days after the last thing that happened in it. */
export function isExpired(saved: Saved | null, keepDays: number, now: number): boolean {
  return saved?.at !== undefined && now - saved.at > keepDays * 86_400_000;
}

/** Null until there is something worth keeping. */
export function toSave(state: State): Saved | null {
  if (state.clientId === null) return null;
  const tooLong = state.turns.length > MAX_KEPT_TURNS;
  return {
    client_id: state.clientId,
    conversation: state.held?.conversation ?? null,
    token: state.held?.token ?? null,
    // Without its turns a conversation resumes from the beginning, or the early ones would be missing.
    through: tooLong ? 0 : state.through,
    turns: tooLong ? [] : state.turns,
    phase: state.phase,
    phase_seq: tooLong ? 0 : state.phaseSeq,
    queue: state.queue,
    seen: state.seen,
    judged: state.judged,
    rated: state.rated,
    unseen: countUnseen(state),
    contact_left: state.contactLeft,
  };
}

/** Another tab of the same site began, began anew, or knows more: both go on with one conversation. */
export function adopts(state: State, saved: Saved | null): State {
  if (saved === null || saved.conversation === null) return state;
  if (saved.conversation !== state.held?.conversation) return { ...resume(saved, state.pending), sending: null };
  const knows = saved.turns.length > 0 && saved.through > state.through;
  const seen = Math.max(state.seen, saved.seen);
  // The other tab's pages were asked for one after the other from the beginning, as ours are.
  const turns = knows ? merge(state.turns, saved.turns) : state.turns;
  if (!knows && seen === state.seen && JSON.stringify([saved.judged, saved.rated]) === JSON.stringify([state.judged, state.rated])) return state;
  const isNewer = saved.phase !== null && saved.phase_seq > state.phaseSeq;
  return settle({
    ...state,
    turns,
    seen,
    through: knows ? saved.through : state.through,
    ...(isNewer ? { phase: saved.phase, phaseSeq: saved.phase_seq, queue: saved.queue } : {}),
    judged: saved.judged ?? state.judged,
    rated: saved.rated ?? state.rated,
  });
}

/** The conversation's own client id, before it is made. */
export function names(state: State, clientId: string): State {
  return state.clientId === null ? { ...state, clientId } : state;
}

// ---- What the customer does -------------------------------------------------------------------------------------

/** How long a text is to the server: code points, not UTF-16 units. */
export function countChars(text: string): number {
  let n = 0;
  for (const _ of text) n += 1;
  return n;
}

export function canSay(state: State, text: string, files: readonly Attachment[] = []): boolean {
  const isSomething = text.trim() !== "" || files.length > 0;
  return isSomething && countChars(text.trim()) <= MAX_TEXT_CHARS && files.length <= MAX_FILES && state.pending.length < MAX_PENDING;
}

export function says(state: State, clientId: string, text: string, now: number, files: readonly Attachment[] = []): State {
  if (!canSay(state, text, files)) return state;
  const deed: Deed = { does: "says", text: text.trim(), ...(files.length === 0 ? {} : { files }) };
  return { ...adds(state, clientId, deed, now), askedAt: now };
}

export function taps(state: State, clientId: string, option: Choice, now: number): State {
  // Two quick taps are one wish, even on two different buttons of one turn.
  if (state.pending.some((p) => p.deed.does === "taps" && p.refused === null)) return state;
  const deed: Deed = { does: "taps", option: option.article, title: option.title };
  return { ...adds(state, clientId, deed, now), askedAt: now };
}

export function judges(state: State, clientId: string, seq: number, helped: boolean, now: number): State {
  if (state.judged?.seq === seq) return state;
  return { ...adds(state, clientId, { does: "judges", seq, helped }, now), judged: { seq, helped } };
}

/** One tap rates; a comment may follow, with the same score. `comment` is null for the tap alone. */
export function rates(state: State, clientId: string, score: number, comment: string | null, now: number): State {
  if (state.phase?.name !== "resolved") return state;
  const rated = { since: state.phase.since, score, done: comment !== null };
  if (comment !== null && comment.trim() === "") return { ...state, rated };
  // An earlier score that has not left yet is overtaken.
  const pending = state.pending.filter((p) => p.deed.does !== "rates" || p.clientId === state.sending);
  const deed: Deed = { does: "rates", score, comment: comment?.trim() ?? "" };
  return { ...adds({ ...state, pending }, clientId, deed, now), rated };
}

/** Takes a saying back, to change it or to drop it. */
export function withdraws(state: State, clientId: string): State {
  return { ...state, pending: state.pending.filter((p) => p.clientId !== clientId) };
}

export function retriesNow(state: State, now: number): State {
  return state.retry === null ? state : { ...state, retry: { ...state.retry, at: now } };
}

/** The customer has everything before their eyes, or in another tab everything up to `upTo`. */
export function sees(state: State, upTo?: number): State {
  const seen = upTo ?? state.turns.at(-1)?.seq ?? 0;
  return seen > state.seen ? { ...state, seen } : state;
}

/** A conversation is wanted before anything is said. */
export function reaches(state: State): State {
  return state.held === null && !state.wantsHeld ? { ...state, wantsHeld: true } : state;
}

/** There is a new identity token; what waited for it goes on. */
export function unbars(state: State): State {
  return state.barred === null ? state : { ...state, barred: null, retry: null };
}

/** Somebody else signed in, or the customer signed out. What was said before belongs to the one before. */
export function departs(): State {
  return NOTHING;
}

export function leavesContact(state: State): State {
  return { ...state, contactLeft: true };
}

function adds(state: State, clientId: string, deed: Deed, now: number): State {
  // A clock that was set back must not let a later text overtake an earlier one.
  const at = Math.max(now, (state.pending.at(-1)?.at ?? 0) + 1);
  return { ...state, pending: [...state.pending, { clientId, at, deed, refused: null }] };
}

// ---- The outbox: one at a time, in order ------------------------------------------------------------------------

export type Step =
  | { readonly do: "rest" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "open" }
  | { readonly do: "send"; readonly pending: Pending; readonly held: Held };

export function next(state: State, now: number): Step {
  const first = state.pending.find((p) => p.refused === null);
  const isWanted = first !== undefined || (state.wantsHeld && state.held === null);
  if (!isWanted || state.sending !== null || (state.held === null && state.barred !== null)) return { do: "rest" };
  if (state.retry !== null && state.retry.at > now) return { do: "wait", ms: state.retry.at - now };
  if (state.held === null) return { do: "open" };
  return first === undefined ? { do: "rest" } : { do: "send", pending: first, held: state.held };
}

export function setsOut(state: State, what: string): State {
  return { ...state, sending: what };
}

export function opened(state: State, answer: { conversation: string; token: string; turns: readonly Turn[]; phase: Phase }): State {
  if (state.sending !== OPENING) return state;
  return settle({
    ...state,
    held: { conversation: answer.conversation, token: answer.token },
    turns: merge(state.turns, answer.turns),
    phase: answer.phase,
    phaseSeq: lastSeq(answer.turns),
    sending: null,
    retry: null,
    wantsHeld: false,
  });
}

/** What the server answers to a deed: a turn with its replies, or the new turns alone. Its `through` dates the phase and is no place to resume from: see the second law. */
export interface Acknowledgement {
  readonly turn?: Turn;
  readonly replies?: readonly Turn[];
  readonly turns?: readonly Turn[];
  readonly through?: number;
  readonly phase: Phase;
  readonly queue?: Queue;
}

export function acknowledged(state: State, conversation: string, clientId: string, answer: Acknowledgement): State {
  // The answer to a conversation that has been given up meanwhile.
  if (state.held?.conversation !== conversation) return state;
  const turns = [...(answer.turn ? [answer.turn] : []), ...(answer.replies ?? []), ...(answer.turns ?? [])];
  const asOf = Math.max(lastSeq(turns), answer.through ?? 0);
  return settle({
    ...withPhase(state, answer.phase, answer.queue, asOf),
    turns: merge(state.turns, turns),
    pending: state.pending.filter((p) => p.clientId !== clientId),
    sending: state.sending === clientId ? null : state.sending,
    retry: null,
    renewals: 0,
  });
}

/** `what` is the client id that was under way, or `OPENING`. `dice` is 0 to 1. */
export function failed(state: State, what: string, failure: Failure, now: number, dice: number): State {
  if (state.sending !== what) return state;
  const idle: State = { ...state, sending: null };
  if (what !== OPENING) {
    if (isGone(failure) && state.renewals < MAX_RENEWALS) return renews(idle);
    const refused = refusal(failure);
    if (refused !== null) return refuses(idle, what, refused);
  } else if (failure.kind === "problem") {
    const { code } = failure.problem;
    if (code === "identity_required" || code === "bad_identity") return { ...idle, barred: code, retry: null };
    // What this browser began belongs to somebody else who signed in here.
    if (code === "other_customer" && state.renewals < MAX_RENEWALS) return { ...renews(idle), wantsHeld: state.wantsHeld };
  }
  const tries = (state.retry?.tries ?? 0) + 1;
  const asked = failure.kind === "problem" ? failure.retryAfterSecs : null;
  const busy = failure.kind === "problem" && (failure.problem.status === 429 || failure.problem.status === 503);
  const ms = Math.max(retryMs(tries, dice), (asked ?? 0) * 1_000);
  return { ...idle, retry: { tries, at: now + ms, busy } };
}

/** Half of it fixed, half of it by chance, so that a thousand widgets do not come back in one instant. */
export function retryMs(tries: number, dice: number): number {
  const whole = Math.min(FIRST_RETRY_MS * 2 ** Math.max(tries - 1, 0), LONGEST_RETRY_MS);
  return Math.round(whole / 2 + (whole / 2) * dice);
}

/** The server no longer knows the conversation or the token. A bare 404 of some proxy is not enough to give one up. */
export function isGone(failure: Failure): boolean {
  if (failure.kind !== "problem") return false;
  const { status, code } = failure.problem;
  return status === 401 || (status === 404 && (code === "unknown_conversation" || code === "not_found"));
}

/** Begins anew and takes along what was not said yet. */
export function renews(state: State): State {
  return {
    ...NOTHING,
    pending: state.pending.filter((p) => p.deed.does === "says" || p.deed.does === "taps"),
    askedAt: state.askedAt,
    renewals: state.renewals + 1,
    renewed: state.turns.length > 0 || state.renewed,
  };
}

/** Null when trying again may help. */
function refusal(failure: Failure): Refused | null {
  if (failure.kind !== "problem") return null;
  const { status, code } = failure.problem;
  // 401 and 404 come here only after renewals in vain; 408, 425 and 429 ask for another try.
  if (status < 400 || status >= 500 || [401, 404, 408, 425, 429].includes(status)) return null;
  const limit = failure.problem["limit"];
  return { code, limit: typeof limit === "number" ? limit : null };
}

function refuses(state: State, clientId: string, refused: Refused): State {
  const pending = state.pending.flatMap((p): Pending[] => {
    if (p.clientId !== clientId) return [p];
    switch (p.deed.does) {
      case "says":
      case "taps":
        return [{ ...p, refused }];
      case "judges":
      case "rates":
        // Too late to judge, nothing lost: the answer or the ending it was about has been overtaken.
        return [];
    }
  });
  return { ...state, pending, retry: null };
}

// ---- What arrives -----------------------------------------------------------------------------------------------

/** A page that was asked for with our `through`, or a frame of the socket that was opened with it. */
export function receives(state: State, page: Page, now = 0): State {
  const writer = page.typing?.agent ?? null;
  return settle({
    ...withPhase(state, page.phase, page.queue, page.through),
    readByAgent: Math.max(state.readByAgent, page.read?.agent ?? 0),
    typing: writer === null ? null : { name: writer.name, until: now + TYPING_LASTS_MS },
    turns: merge(state.turns, page.turns),
    through: Math.max(state.through, page.through),
  });
}

/** Each id once, the highest `rev` of it, by `seq`. An edit comes under a new number and keeps its old place. */
export function merge(known: readonly Turn[], incoming: readonly Turn[]): readonly Turn[] {
  if (incoming.length === 0) return known;
  const byId = new Map(known.map((turn) => [turn.id, turn]));
  for (const turn of incoming) {
    const old = byId.get(turn.id);
    if (old === undefined) byId.set(turn.id, turn);
    else if (turn.rev > old.rev) byId.set(turn.id, { ...turn, seq: Math.min(old.seq, turn.seq) });
  }
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

function withPhase(state: State, phase: Phase, queue: Queue | undefined, asOf: number): State {
  // An answer that was overtaken by a newer frame must not bring an old phase back.
  if (asOf < state.phaseSeq) return state;
  const place = phase.name === "waiting" ? (queue ?? (state.phase?.name === "waiting" ? state.queue : null)) : null;
  const rated = phase.name === "resolved" && phase.since === state.rated?.since ? state.rated : null;
  return { ...state, phase, phaseSeq: asOf, queue: place, rated };
}

/** What a turn shows is no longer pending, whichever way the turn came. */
function settle(state: State): State {
  const arrived = new Set(state.turns.map((turn) => turn.client_id));
  if (!state.pending.some((p) => arrived.has(p.clientId))) return state;
  return {
    ...state,
    pending: state.pending.filter((p) => !arrived.has(p.clientId)),
    sending: state.sending !== null && arrived.has(state.sending) ? null : state.sending,
    retry: null,
    renewals: 0,
  };
}

function lastSeq(turns: readonly Turn[]): number {
  return turns.reduce((last, turn) => Math.max(last, turn.seq), 0);
}

// ---- The link ---------------------------------------------------------------------------------------------------

/** Whether to hold a socket: on every page of the shop it would cost the server for nothing. */
export function wantsLink(state: State, isOpen: boolean): boolean {
  return state.held !== null && (isOpen || state.pending.length > 0 || expectsPerson(state));
}

/** Something may be said without the customer having said anything. */
export function expectsPerson(state: State): boolean {
  return state.phase?.name === "waiting" || state.phase?.name === "with_agent";
}

export function linkOpening(state: State): State {
  return { ...state, link: { is: "opening", tries: state.link.is === "lost" ? state.link.tries : 0 } };
}

/** Only a frame proves it: some proxies accept a socket and say nothing. */
export function linkLive(state: State): State {
  return state.link.is === "live" ? state : { ...state, link: { is: "live" }, polled: false };
}

export function linkLost(state: State, now: number, dice: number): State {
  const tries = (state.link.is === "opening" || state.link.is === "lost" ? state.link.tries : 0) + 1;
  return { ...state, link: { is: "lost", tries, at: now + retryMs(tries, dice) } };
}

export function linkIdle(state: State): State {
  return { ...state, link: { is: "idle" }, polled: false };
}

export function linkNow(state: State, now: number): State {
  return state.link.is === "lost" ? { ...state, link: { ...state.link, at: now } } : state;
}

export function polled(state: State, succeeded: boolean): State {
  return state.polled === succeeded ? state : { ...state, polled: succeeded };
}

/** The agent's name while they are writing. */
export function whoTypes(state: State, now: number): string | null {
  return state.phase?.name === "with_agent" && state.typing !== null && state.typing.until > now ? state.typing.name : null;
}

/** Turns are asked for one page at a time while no socket brings them. */
export function mustPoll(state: State): boolean {
  return state.link.is === "lost" || state.link.is === "opening";
}

/** The first socket is given its time without a word. */
export function isReconnecting(state: State): boolean {
  const { link, polled } = state;
  return !polled && (link.is === "lost" || (link.is === "opening" && link.tries > 0));
}

/** A question is out and nothing has come back: show the dots. */
export function isAwaiting(state: State, now: number): boolean {
  if (expectsPerson(state) || state.retry !== null) return false;
  if (state.askedAt === null || now - state.askedAt > LONGEST_AWAITING_MS) return false;
  const isOut = state.pending.some((p) => p.refused === null && (p.deed.does === "says" || p.deed.does === "taps"));
  return isOut || state.turns.at(-1)?.by === "customer";
}

export function countUnseen(state: State): number {
  return state.turns.filter((turn) => turn.seq > state.seen && turn.by !== "customer").length;
}

/** The button is there unless a person is, or is on the way. */
export function canAskForPerson(state: State): boolean {
  if (expectsPerson(state)) return false;
  return !state.pending.some((p) => p.refused === null && p.deed.does === "taps" && p.deed.option === Reserved.human);
}
