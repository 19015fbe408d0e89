// What is shown of a conversation: its turns and what is not sent yet, as lines. Plain values only: no DOM, no clock.

import type { Attachment, Turn } from "../shared/api";
import { Reserved } from "../shared/api";
import type { Pending, Refused, State } from "./rules";

/** A pause this long is marked with the time. */
const PAUSE_MS = 30 * 60 * 1_000;

export interface Line {
  /** The same for a pending text and for the turn that it becomes, so that the line stays where it is. */
  readonly key: string;
  readonly by: "customer" | "bot" | "agent" | "system";
  /** The agent's. */
  readonly name: string | null;
  /** The agent's picture, as a path on the server. */
  readonly avatar: string | null;
  /** The first of several by one speaker. */
  readonly isFirst: boolean;
  readonly text: string;
  /** Sanitised by the server; never set for anything but a bot's answer and an agent's words. */
  readonly html: string | null;
  /** The article that an answer comes from. */
  readonly source: string | null;
  readonly files: readonly Attachment[];
  readonly at: string;
  /** The customer's last words, and an agent has read them. */
  readonly isSeen: boolean;
  /** Set where a time is due: at the beginning, and after a pause. */
  readonly stamp: string | null;
  readonly buttons: readonly Button[];
  readonly ask: { readonly seq: number; readonly helped: boolean | null } | null;
  readonly state: LineState;
}

export type LineState =
  | { readonly is: "said" }
  | { readonly is: "sending" }
  | { readonly is: "unsent" }
  | { readonly is: "refused"; readonly why: Refused; readonly clientId: string };

export interface Button {
  readonly option: string;
  readonly title: string;
  readonly isEnabled: boolean;
  readonly isChosen: boolean;
}

export function lines(state: State): readonly Line[] {
  const shown = state.turns.filter((turn) => turn.text !== "" || turn.html !== undefined || (turn.attachments ?? []).length > 0);
  const lastOwn = shown.findLast((turn) => turn.by === "customer");
  const seen = unreadByAgent(state) ? null : lastOwn?.id;
  const unsent = state.pending.filter((p) => p.deed.does === "says" || p.deed.does === "taps");
  const judgeable = lastAnswer(state);
  let before: { by: string; name: string | null; at: number } | null = null;

  const said = shown.map((turn, index): Line => {
    const isAnswer = turn.by === "bot" && turn.kind === "answer";
    const name = turn.agent?.name ?? null;
    const at = Date.parse(turn.at);
    const isFresh = before === null || at - before.at >= PAUSE_MS;
    const isFirst = isFresh || before?.by !== turn.by || before.name !== name;
    before = { by: turn.by, name, at };
    return {
      key: turn.client_id ?? turn.id,
      by: turn.by,
      name,
      avatar: turn.agent?.avatar ?? null,
      files: turn.attachments ?? [],
      at: turn.at,
      isSeen: turn.id === seen,
      isFirst,
      text: turn.text,
      html: ((isAnswer || (turn.by === "agent" && turn.kind === "text")) && turn.html) || null,
      source: (isAnswer && turn.article?.title) || null,
      stamp: isFresh ? turn.at : null,
      buttons: buttons(state, turn, shown[index + 1], index === shown.length - 1 && unsent.length === 0),
      ask: turn.id === judgeable?.id ? { seq: turn.seq, helped: state.judged?.seq === turn.seq ? state.judged.helped : null } : null,
      state: { is: "said" },
    };
  });

  const still = unsent.map((pending): Line => {
    const isFresh = before === null;
    const isFirst = before?.by !== "customer";
    before = { by: "customer", name: null, at: pending.at };
    return {
      key: pending.clientId,
      by: "customer",
      name: null,
      avatar: null,
      files: pending.deed.does === "says" ? (pending.deed.files ?? []) : [],
      at: new Date(pending.at).toISOString(),
      isSeen: false,
      isFirst,
      text: words(pending),
      html: null,
      source: null,
      stamp: isFresh ? new Date(pending.at).toISOString() : null,
      buttons: [],
      ask: null,
      state: lineState(state, pending),
    };
  });
  return [...said, ...still];
}

function unreadByAgent(state: State): boolean {
  const own = state.turns.findLast((turn) => turn.by === "customer");
  return state.phase?.name !== "with_agent" || own === undefined || own.seq > state.readByAgent;
}

function words(pending: Pending): string {
  switch (pending.deed.does) {
    case "says":
      return pending.deed.text;
    case "taps":
      return pending.deed.title;
    case "judges":
    case "rates":
      return "";
  }
}

function lineState(state: State, pending: Pending): LineState {
  if (pending.refused !== null) return { is: "refused", why: pending.refused, clientId: pending.clientId };
  return state.retry === null ? { is: "sending" } : { is: "unsent" };
}

/** Buttons of old turns stay to be read, but only the last turn's can be tapped. */
function buttons(state: State, turn: Turn, following: Turn | undefined, isLast: boolean): readonly Button[] {
  const options = turn.options ?? [];
  const isWaiting = state.phase?.name === "waiting";
  const tapped = state.pending.find((p) => p.deed.does === "taps" && p.refused === null)?.deed;
  const chosen =
    following?.kind === "option" ? following.article?.id : !following && tapped?.does === "taps" ? tapped.option : undefined;
  return options
    // The line above the text field has this one for as long as it can be used.
    .filter((option) => option.article !== Reserved.backToBot)
    .filter((option) => !(isWaiting && option.article === Reserved.human))
    .map((option) => ({
      option: option.article,
      title: option.title,
      isEnabled: isLast && tapped === undefined && state.phase?.name !== "with_agent",
      isChosen: option.article === chosen,
    }));
}

/** The answer that may be judged: the bot's last, and nothing was asked since. */
function lastAnswer(state: State): Turn | undefined {
  if (state.phase?.name !== "with_bot") return undefined;
  if (state.pending.some((p) => p.deed.does === "says" || p.deed.does === "taps")) return undefined;
  for (let i = state.turns.length - 1; i >= 0; i--) {
    const turn = state.turns[i];
    if (turn === undefined || turn.by === "customer" || turn.by === "agent") return undefined;
    if (turn.by === "bot") return turn.kind === "answer" ? turn : undefined;
  }
  return undefined;
}

/** A text cut at its web addresses, so that an agent's link can be followed. The pieces joined are the text. */
export function cutLinks(text: string): readonly { readonly text: string; readonly isLink: boolean }[] {
  const parts: { text: string; isLink: boolean }[] = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'，。！？；：、（）「」『』【】《》]+/g)) {
    // The full stop after an address belongs to the sentence.
    const url = match[0].replace(/[.,;:!?)\]]+$/, "");
    if (match.index > from) parts.push({ text: text.slice(from, match.index), isLink: false });
    parts.push({ text: url, isLink: true });
    from = match.index + url.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), isLink: false });
  return parts;
}
