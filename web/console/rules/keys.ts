// Which key means what. Letters work on every keyboard layout: where a key gives no Latin letter, its place on the board counts.

export type Command =
  | "next"
  | "previous"
  | "claim"
  | "reply"
  | "resolve"
  | "send"
  | "help"
  | "close"
  | "view_1"
  | "view_2"
  | "view_3"
  | "view_4";

export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing: boolean;
}

/** Where the press happened: typing must never trigger a command, and arrows only move inside the list. */
export interface Place {
  typing: boolean;
  inList: boolean;
  /** A sheet or menu is open and has the keyboard to itself. */
  inOverlay: boolean;
}

export function commandOf(press: Press, place: Place): Command | null {
  if (press.isComposing || press.altKey) return null;
  if (press.ctrlKey || press.metaKey) return press.key === "Enter" && place.typing ? "send" : null;
  if (press.key === "Escape") return "close";
  if (place.typing || place.inOverlay) return null;
  if (press.key === "?") return "help";
  if (place.inList && press.key === "ArrowDown") return "next";
  if (place.inList && press.key === "ArrowUp") return "previous";
  switch (letter(press)) {
    case "j":
      return "next";
    case "k":
      return "previous";
    case "c":
      return "claim";
    case "r":
      return "reply";
    case "e":
      return "resolve";
    case "1":
      return "view_1";
    case "2":
      return "view_2";
    case "3":
      return "view_3";
    case "4":
      return "view_4";
    default:
      return null;
  }
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
