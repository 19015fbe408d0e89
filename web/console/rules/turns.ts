// Joins what was fetched with what is known, so that answers arriving late or twice change nothing.

import type { Opened, Row, Trace, Turn } from "../wire";

/** Every turn once, the highest revision of each, in the place where it was first said. */
export function mergeTurns(known: readonly Turn[], incoming: readonly Turn[]): Turn[] {
  const newest = new Map<string, Turn>();
  const place = new Map<string, number>();
  for (const turn of [...known, ...incoming]) {
    const before = newest.get(turn.id);
    if (!before || turn.rev > before.rev || (turn.rev === before.rev && turn.seq >= before.seq)) newest.set(turn.id, turn);
    place.set(turn.id, Math.min(turn.seq, place.get(turn.id) ?? turn.seq));
  }
  return [...newest.values()].sort((a, b) => place.get(a.id)! - place.get(b.id)!);
}

/** The row with the later owner; between equals, the one that was asked for later. */
export function newerRow(known: Row | null, incoming: Row): Row {
  return known && known.id === incoming.id && known.owner_epoch > incoming.owner_epoch ? known : incoming;
}

/** An answer that knows less than is already shown adds its turns and changes nothing else. */
export function mergeOpened(known: Opened | null, incoming: Opened): Opened {
  if (!known || known.conversation.id !== incoming.conversation.id) {
    return { ...incoming, turns: mergeTurns([], incoming.turns) };
  }
  const turns = mergeTurns(known.turns, incoming.turns);
  if (incoming.through < known.through) return { ...known, turns };
  return { ...incoming, conversation: newerRow(known.conversation, incoming.conversation), turns };
}

/** The last of the agent's own turns that the customer has seen, or null. */
export function lastSeen(turns: readonly Turn[], readByCustomer: number, me: string): Turn | null {
  const mine = turns.filter((turn) => turn.by === "agent" && turn.kind !== "note" && turn.agent?.name === me);
  return mine.filter((turn) => turn.seq <= readByCustomer).at(-1) ?? null;
}

/** Rows of several pages, each conversation once: a row that moved between two requests stays where it was seen first. */
export function joinRows(pages: readonly (readonly Row[])[]): Row[] {
  const seen = new Set<string>();
  return pages.flat().filter((row) => !seen.has(row.id) && seen.add(row.id));
}

/** What of the rows that were shown stands below a freshly fetched first page: all after the last row that both know. */
export function tailOf(shown: readonly Row[], fresh: readonly Row[]): Row[] {
  for (const row of [...fresh].reverse()) {
    const at = shown.findIndex(({ id }) => id === row.id);
    if (at >= 0) return shown.slice(at + 1);
  }
  return [];
}

export interface Decided {
  seq: number;
  trace: Trace;
}

export type Item =
  | { what: "day"; key: string; at: string }
  /** `continues`: the same speaker goes on, so the name stands once. `decided`: why the bot said this. */
  | { what: "turn"; key: string; turn: Turn; continues: boolean; decided: Decided | null }
  /** A decision that said nothing. */
  | { what: "silence"; key: string; decided: Decided };

const SAME_BREATH_MS = 5 * 60_000;

/** The transcript as it is read from top to bottom: a line for each new day, and each decision with what it led to. */
export function timeline(turns: readonly Turn[], traces: readonly Decided[], dayOf: (at: string) => string): Item[] {
  const decisions = new Map<string, Decided>();
  const silent: Decided[] = [];
  for (const decided of [...traces].sort((a, b) => a.seq - b.seq)) {
    const turn = saidBy(decided, turns);
    if (turn && !decisions.has(turn.id)) decisions.set(turn.id, decided);
    else silent.push(decided);
  }

  const items: Item[] = [];
  let day = "";
  let before: Turn | null = null;
  const putSilent = (below: number) => {
    for (let next = silent[0]; next && next.seq < below; next = silent[0]) {
      silent.shift();
      items.push({ what: "silence", key: `silence-${next.seq}`, decided: next });
      before = null;
    }
  };
  for (const turn of turns) {
    putSilent(turn.seq);
    const today = dayOf(turn.at);
    if (today !== day) {
      items.push({ what: "day", key: `day-${today}-${turn.id}`, at: turn.at });
      before = null;
    }
    day = today;
    const continues = before !== null && goesOn(before, turn);
    items.push({ what: "turn", key: turn.id, turn, continues, decided: decisions.get(turn.id) ?? null });
    before = turn;
  }
  putSilent(Infinity);
  return items;
}

/** The turn in which a decision was spoken: the next one, unless somebody else spoke in between. */
function saidBy({ seq, trace }: Decided, turns: readonly Turn[]): Turn | null {
  if (trace.decision === "stay_silent") return null;
  const next = turns.find((turn) => turn.seq > seq || (turn.seq === seq && turn.by !== "customer"));
  return next && (next.by === "bot" || next.by === "system") ? next : null;
}

function goesOn(before: Turn, turn: Turn): boolean {
  const sameSpeaker = before.by === turn.by && before.agent?.name === turn.agent?.name;
  return sameSpeaker && Date.parse(turn.at) - Date.parse(before.at) < SAME_BREATH_MS;
}

/** The server sanitised it. Only what the bot answered and what an agent wrote to the customer may be shown as HTML. */
export function htmlOf(turn: Turn): string | null {
  const mayHave = (turn.by === "bot" && turn.kind === "answer") || (turn.by === "agent" && turn.kind === "text" && !turn.withdrawn);
  return mayHave && turn.html ? turn.html : null;
}

/** Whether the customer spoke last and an agent owes the next words. */
export function owesReply(row: Row): boolean {
  return row.phase.name === "with_agent" && row.last?.by === "customer";
}
