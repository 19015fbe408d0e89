// The whole state as the panel shows it. Plain values only: no DOM, no clock.

import type { Person, PhaseName } from "../shared/api";
import { lines, type Line } from "./lines";
import * as rules from "./rules";
import type { State } from "./rules";

/** Everything the panel shows. */
export interface Shown {
  readonly isOpen: boolean;
  readonly lines: readonly Line[];
  readonly phase: PhaseName;
  readonly agent: Person | null;
  /** Who is writing right now. */
  readonly typing: string | null;
  /** While waiting; null when not known yet. */
  readonly position: number | null;
  /** 0 for less than one; null when not known. */
  readonly waitMinutes: number | null;
  readonly longestMinutes: number | null;
  /** Nobody is at work; `opensAt` is RFC 3339, null when nobody knows. */
  readonly isClosed: boolean;
  readonly opensAt: string | null;
  /** While nobody comes soon: the customer may leave an address. */
  readonly contact: "none" | "asked" | "left";
  /** The server opens no conversation without a better token. */
  readonly isBarred: boolean;
  readonly wantsDetails: boolean;
  /** Anything was said, so there is something to take home. */
  readonly hasTurns: boolean;
  readonly canAskForPerson: boolean;
  readonly isAwaiting: boolean;
  readonly isReconnecting: boolean;
  readonly isRenewed: boolean;
  /** Something is not sent: `busy` when the server asked to wait. */
  readonly trouble: "none" | "unreachable" | "busy";
  readonly rating: Rating;
  readonly nUnseen: number;
}

export type Rating =
  | { readonly is: "none" }
  | { readonly is: "asked" }
  /** A star was tapped, and a comment may follow. */
  | { readonly is: "given"; readonly score: number };

/** `wantsDetails`: the site asks for something before the first question. */
export function picture(state: State, isOpen: boolean, wantsDetails: boolean, now: number): Shown {
  const { phase, queue, retry } = state;
  return {
    isOpen,
    lines: lines(state),
    // Before the first turn the bot has it.
    phase: phase?.name ?? "with_bot",
    agent: phase?.name === "with_agent" ? (phase.agent ?? null) : null,
    typing: rules.whoTypes(state, now),
    position: queue?.position ?? null,
    waitMinutes: queue?.expected_wait_secs == null ? null : wholeMinutes(queue.expected_wait_secs),
    longestMinutes: queue?.longest_wait_secs == null ? null : Math.ceil(queue.longest_wait_secs / 60),
    isClosed: queue?.is_closed === true,
    opensAt: queue?.opens_at ?? null,
    contact: queue?.is_closed !== true ? "none" : state.contactLeft ? "left" : "asked",
    wantsDetails,
    isBarred: state.barred !== null,
    hasTurns: state.turns.length > 0,
    canAskForPerson: rules.canAskForPerson(state),
    isAwaiting: rules.isAwaiting(state, now),
    isReconnecting: rules.isReconnecting(state),
    isRenewed: state.renewed,
    trouble: retry === null ? "none" : retry.busy ? "busy" : "unreachable",
    rating: rating(state),
    nUnseen: rules.countUnseen(state),
  };
}

function wholeMinutes(secs: number): number {
  return secs < 60 ? 0 : Math.round(secs / 60);
}

function rating({ phase, rated }: State): Rating {
  if (phase?.name !== "resolved") return { is: "none" };
  if (rated?.since !== phase.since) return { is: "asked" };
  return rated.done ? { is: "none" } : { is: "given", score: rated.score };
}
