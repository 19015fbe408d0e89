// What may be attached, how large it is in words, and what is shown of a file.

import type { Attachment } from "../wire";
import { say, type Key, type Language } from "../texts";

export const MAX_FILES = 5;

/** The server serves these to be looked at; everything else is only saved. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export function isShown(file: Attachment): boolean {
  return SHOWN.has(file.type);
}

/** "870 B", "24 KB", "3.4 MB": thousands as operating systems count them. */
export function sizeText(locale: string, bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [n, unit] = bytes < 999_500 ? [bytes / 1000, "KB"] : [bytes / 1_000_000, "MB"];
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: n < 10 ? 1 : 0 }).format(n)} ${unit}`;
}

/** Room for a preview that does not jump when the picture comes: at most `max` along the longer side. */
export function previewSize(file: Attachment, max: number): { width: number; height: number } | null {
  const { width, height } = file;
  if (!width || !height) return null;
  const scale = Math.min(1, max / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Why a file did not go up, as the agent reads it. */
export function refusalText(language: Language, code: string, limitBytes: number | null, locale: string): string {
  const keys: Record<string, Key> = {
    bad_type: "file_bad_type",
    conversation_full: "file_no_room",
    storage_full: "file_no_room",
    attachments_off: "file_off",
    not_yours: "not_sent_not_yours",
  };
  if (code === "too_large") {
    return limitBytes === null ? say(language, "file_too_large") : say(language, "file_larger_than", { size: sizeText(locale, limitBytes) });
  }
  return say(language, keys[code] ?? "file_failed");
}
