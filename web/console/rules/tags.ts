// Tags: how they are written, and which are offered while somebody types.

import type { TagUse } from "../wire";
import { countChars } from "./outbox";

/** On one conversation, and in one canned reply. */
export const MAX_TAGS = 20;
const MAX_TAG_CHARS = 40;
/** Others are found by typing. */
const MAX_SHOWN = 50;

/** As the server writes it: lower case, single spaces, no comma or `#`; null where it can be no tag. Many type a `#` in front. */
export function tagOf(text: string): string | null {
  const tag = text.trim().replace(/^#/, "").trim().replace(/\s+/g, " ").toLowerCase();
  return tag && countChars(tag) <= MAX_TAG_CHARS && !/[,#\p{Cc}]/u.test(tag) ? tag : null;
}

/** What stands in a field between commas, Chinese ones too, each tag once; null where something can be no tag. */
export function tagsOf(text: string): string[] | null {
  const tags = text.split(/[,，、]/).flatMap((part) => (part.trim() ? [tagOf(part)] : []));
  return tags.every((tag) => tag !== null) ? [...new Set(tags)] : null;
}

export interface Choice {
  tag: string;
  /** The conversation has it. */
  isOn: boolean;
  /** Nobody has used it yet. */
  isNew: boolean;
}

export interface Offer {
  /** In use somewhere, the most used first. */
  known: readonly TagUse[];
  on: readonly string[];
  /** Those that it had at first: they keep their places while one puts tags on and takes them off. */
  first: readonly string[];
  typed: string;
}

/** What was typed exactly first, then what begins with it, then what has it; at the end the new tag that it would be. */
export function choices({ known, on, first, typed }: Offer): Choice[] {
  const inUse = known.map(({ tag }) => tag);
  const all = [...new Set([...first, ...on.filter((tag) => !inUse.includes(tag)), ...inUse])];
  const words = typed.trim().replace(/^#/, "").trim().replace(/\s+/g, " ").toLowerCase();
  const rank = (tag: string) => (tag === words ? 0 : tag.startsWith(words) ? 1 : 2);
  const found = all
    .filter((tag) => tag.includes(words))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MAX_SHOWN)
    .map((tag): Choice => ({ tag, isOn: on.includes(tag), isNew: false }));
  const fresh = tagOf(typed);
  return fresh === null || all.includes(fresh) ? found : [...found, { tag: fresh, isOn: false, isNew: true }];
}
