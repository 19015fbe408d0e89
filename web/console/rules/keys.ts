// Which key means what. Letters work on every keyboard layout: where a key gives no Latin letter, its place on the board counts.

import type { Mark } from "./formatting";
import { VIEWS } from "./route";
import type { View } from "../wire";

/** What a key, a line of the palette or a button asks for. */
export type Command =
  | "next"
  | "previous"
  | "claim"
  | "reply"
  | "note"
  | "resolve"
  | "send"
  | "send_and_resolve"
  | "transfer"
  | "escalate"
  | "snooze"
  | "hand_back"
  | "release"
  | "merge"
  | "right_article"
  | "follow_up"
  | "follow_up_done"
  | "tags"
  | "block"
  | "unblock"
  | "search"
  | "canned"
  | "knowledge"
  | "team"
  | "palette"
  | "help"
  | "close"
  | `view_${View}`
  | `saved_${string}`;

export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isComposing: boolean;
}

/** Where the press happened: typing must never trigger a command, and arrows only move inside the list. */
export interface Place {
  typing: boolean;
  inList: boolean;
  /** A sheet or menu is open and has the keyboard to itself. */
  inOverlay: boolean;
}

const LETTERS: Readonly<Record<string, Command>> = {
  j: "next",
  k: "previous",
  c: "claim",
  r: "reply",
  n: "note",
  e: "resolve",
  t: "transfer",
  x: "escalate",
  s: "snooze",
  b: "hand_back",
  u: "release",
  m: "merge",
  a: "right_article",
  p: "follow_up",
  f: "follow_up_done",
  l: "tags",
  g: "knowledge",
};

export function commandOf(press: Press, place: Place): Command | null {
  if (press.isComposing || press.altKey) return null;
  if (press.ctrlKey || press.metaKey) {
    if (letter(press) === "k" && !press.shiftKey) return "palette";
    if (press.key !== "Enter" || !place.typing) return null;
    return press.shiftKey ? "send_and_resolve" : "send";
  }
  if (press.key === "Escape") return "close";
  if (place.typing || place.inOverlay) return null;
  if (press.key === "?") return "help";
  // On a Russian board the slash is elsewhere; its place counts as well.
  if (press.key === "/" || (press.code === "Slash" && !press.shiftKey)) return "search";
  if (place.inList && press.key === "ArrowDown") return "next";
  if (place.inList && press.key === "ArrowUp") return "previous";
  const pressed = letter(press);
  const view = /^[1-9]$/.test(pressed) ? VIEWS[Number(pressed) - 1] : undefined;
  return view ? `view_${view}` : (LETTERS[pressed] ?? null);
}

/** What a key does to the words of a reply that are selected. None of these is a command. */
export function markOf(press: Press): Mark | null {
  if (press.isComposing || press.altKey || !(press.ctrlKey || press.metaKey)) return null;
  const pressed = letter(press);
  if (press.shiftKey) return press.code === "Digit8" ? "list" : pressed === "k" ? "link" : null;
  return pressed === "b" ? "bold" : pressed === "i" ? "italic" : null;
}

/** The key that gives a command, as a keyboard shows it; null where none does. */
export function keyOf(command: Command): string | null {
  if (command === "search") return "/";
  if (command === "help") return "?";
  const at = VIEWS.findIndex((view) => command === `view_${view}`);
  if (at >= 0) return String(at + 1);
  return Object.entries(LETTERS).find(([, means]) => means === command)?.[0] ?? null;
}

/** The row that gets the focus next; the ends hold. From outside the list it starts at what was last there. */
export function step(command: "next" | "previous", at: number | null, nRows: number): number | null {
  if (nRows === 0) return null;
  if (at === null) return 0;
  return Math.min(nRows - 1, Math.max(0, at + (command === "next" ? 1 : -1)));
}

function letter({ key, code }: Press): string {
  if (/^[a-z0-9]$/i.test(key)) return key.toLowerCase();
  return /^Key[A-Z]$/.test(code) && key.length === 1 ? code.slice(3).toLowerCase() : "";
}
