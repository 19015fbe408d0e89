// What can be done right now, as a list to search by words: the command palette.

import { keyOf, type Command } from "./keys";
import { VIEWS } from "./route";
import type { Standing } from "./standing";
import type { Key } from "../texts";
import type { SavedView } from "../wire";

export interface Entry {
  command: Command;
  label: Key;
  /** Of a saved view: people gave it, so it is in no catalogue. */
  name?: string;
  /** The single key that does the same. */
  key: string | null;
}

export interface Around {
  /** Null: no conversation is open. */
  standing: Standing["name"] | null;
  hasFollowUp: boolean;
  isSnoozed: boolean;
  hasPast: boolean;
  isBlocked: boolean;
  isLead: boolean;
}

const LABELS: readonly [Command, Key][] = [
  ["claim", "claim"],
  ["reply", "key_reply"],
  ["note", "write_note"],
  ["right_article", "judge_title"],
  ["resolve", "resolve"],
  ["transfer", "transfer"],
  ["escalate", "escalate"],
  ["snooze", "snooze"],
  ["hand_back", "hand_back"],
  ["release", "release"],
  ["merge", "merge"],
  ["follow_up", "follow_up"],
  ["follow_up_done", "follow_up_done"],
  ["tags", "tags"],
  ["block", "block"],
  ["unblock", "unblock"],
  ["canned", "canned"],
  ["search", "search"],
  ["knowledge", "knowledge"],
  ["team", "team_title"],
  ["help", "keys"],
];

/** Whether a command does something here: a key that would be refused is not offered. */
export function isPossible(command: Command, { standing, hasFollowUp, isSnoozed, hasPast, isBlocked, isLead }: Around): boolean {
  switch (command) {
    case "claim":
      return standing === "waiting" || standing === "with_bot" || (standing === "mine" && isSnoozed);
    case "reply":
    case "send":
    case "send_and_resolve":
    case "resolve":
    case "snooze":
    case "hand_back":
    case "release":
      return standing === "mine";
    case "transfer":
    case "escalate":
      return standing === "mine" || standing === "with_other" || standing === "waiting";
    case "note":
    case "right_article":
    case "tags":
    case "follow_up":
      return standing !== null;
    case "block":
      return standing !== null && !isBlocked && (isLead || standing !== "with_other");
    case "unblock":
      return isBlocked && isLead;
    case "merge":
      return standing !== null && standing !== "resolved" && hasPast;
    case "follow_up_done":
      return hasFollowUp;
    default:
      return true;
  }
}

export function entries(around: Around, saved: readonly Pick<SavedView, "id" | "name">[] = []): Entry[] {
  const acts = LABELS.filter(([command]) => isPossible(command, around));
  const views = VIEWS.map((view): [Command, Key] => [`view_${view}`, view]);
  const named = saved.map(({ id, name }): Entry => ({ command: `saved_${id}`, label: "saved_view", name, key: null }));
  return [...[...acts, ...views].map(([command, label]) => ({ command, label, key: keyOf(command) })), ...named];
}

/** Those whose label has every typed word; where words start with it first. */
export function found(all: readonly Entry[], typed: string, say: (label: Key) => string): Entry[] {
  const words = typed.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const hits = all.flatMap((entry) => {
    const label = (entry.name ?? say(entry.label)).toLocaleLowerCase();
    // Nobody looks for the id of a saved view.
    const command = entry.name === undefined ? entry.command : "";
    const fits = words.every((word) => label.includes(word) || command.includes(word));
    return fits ? [{ entry, starts: words.length > 0 && label.startsWith(words[0]!) }] : [];
  });
  return hits.sort((a, b) => Number(b.starts) - Number(a.starts)).map(({ entry }) => entry);
}
