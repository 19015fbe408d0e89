// Colleagues whom a note calls by "@" and their name.

import type { Staff } from "../wire";

type Named = Pick<Staff, "id" | "name">;

/** As many as the server takes. */
const MAX_MENTIONS = 20;
const MAX_SHOWN = 8;

/** What is typed behind an "@" just before the caret, and where the "@" stands; null where nobody is being called. */
export function calling(text: string, caret: number): { from: number; words: string } | null {
  // Behind a Latin letter or a digit it is part of an address.
  const found = /(?<![A-Za-z0-9._-])@([\p{L}\p{N}][\p{L}\p{N} .'’-]{0,39})?$/u.exec(text.slice(0, caret));
  const words = found?.[1] ?? "";
  if (!found || isQuoted(text, found.index)) return null;
  return { from: caret - words.length - 1, words: words.toLocaleLowerCase() };
}

/** Colleagues whose name, or a part of it, begins so. Nobody else's words behind a name look for one. */
export function colleagues<N extends Named>(staff: readonly N[], me: string, words: string): N[] {
  const fits = ({ name }: Named) => {
    const lower = name.toLocaleLowerCase();
    return lower.startsWith(words) || lower.split(/\s+/).some((part) => part.startsWith(words));
  };
  return staff.filter((one) => one.id !== me && fits(one)).slice(0, MAX_SHOWN);
}

/** The text with who is called in place of what was typed, and the caret behind it. */
export function called(text: string, from: number, caret: number, name: string): { text: string; caret: number } {
  const before = `${text.slice(0, from)}@${name} `;
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}

/** A note in pieces, those that call a colleague apart; the longest name wins. */
export function pieces<N extends Named>(text: string, staff: readonly N[]): { text: string; who: N | null }[] {
  const byLength = [...staff].sort((a, b) => b.name.length - a.name.length);
  const all: { text: string; who: N | null }[] = [];
  let plain = "";
  for (let i = 0; i < text.length; ) {
    const rest = text.slice(i);
    const starts = rest.startsWith("@") && !/[A-Za-z0-9._-]/.test(text[i - 1] ?? " ") && !isQuoted(text, i);
    // Chinese goes on without a space; a longer word of letters is another name.
    const isWhole = (name: string) => rest.startsWith(`@${name}`) && !/^[A-Za-z0-9\u0400-\u04ff]/.test(rest.slice(name.length + 1));
    const who = starts ? byLength.find(({ name }) => isWhole(name)) : undefined;
    if (!who) {
      plain += text[i++];
      continue;
    }
    if (plain) all.push({ text: plain, who: null });
    plain = "";
    all.push({ text: `@${who.name}`, who });
    i += who.name.length + 1;
  }
  if (plain) all.push({ text: plain, who: null });
  return all;
}

/** Whom a note calls, each once. Of several with one name those who were picked, else the first. */
export function mentioned(text: string, staff: readonly Named[], me: string, picked: readonly string[] = []): string[] {
  const ids = pieces(text, staff).flatMap(({ who }) => {
    const named = staff.filter(({ id, name }) => id !== me && name === who?.name);
    const wanted = named.filter(({ id }) => picked.includes(id));
    return (wanted.length ? wanted : named.slice(0, 1)).map(({ id }) => id);
  });
  return [...new Set(ids)].slice(0, MAX_MENTIONS);
}

/** What a customer or a colleague said before calls nobody now. */
function isQuoted(text: string, at: number): boolean {
  return text.slice(0, at).split("\n").at(-1)!.startsWith(">");
}
