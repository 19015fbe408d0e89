// The whole state as the panel shows it. Plain values only: no DOM, no clock.

import type { PhaseName } from "../shared/api";
import { lines, type Line } from "./lines";
import * as rules from "./rules";
import type { State } from "./rules";

/** Everything the panel shows. */
export interface Shown {
  readonly isOpen: boolean;
  readonly lines: readonly Line[];
  readonly phase: PhaseName;
  readonly agent: string | null;
  /** While waiting; null when not known yet. */
  readonly position: number | null;
  /** 0 for less than one; null when not known. */
  readonly waitMinutes: number | null;
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

export function picture(state: State, isOpen: boolean, now: number): Shown {
  const { phase, queue, retry } = state;
  return {
    isOpen,
    lines: lines(state),
    // Before the first turn the bot has it.
    phase: phase?.name ?? "with_bot",
    agent: phase?.name === "with_agent" ? (phase.agent?.name ?? null) : null,
    position: queue?.position ?? null,
    waitMinutes: queue?.expected_wait_secs == null ? null : wholeMinutes(queue.expected_wait_secs),
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
