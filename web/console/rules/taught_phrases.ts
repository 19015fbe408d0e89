// An article's taught phrases, apart from those of its file.

import type { TaughtPhrase } from "../knowledge_api";

/** Those of one article that its file does not have yet, in their order. */
export function taughtFor(article: string, taught: readonly TaughtPhrase[]): TaughtPhrase[] {
  return taught.filter((phrase) => phrase.article === article && !phrase.is_exported);
}

/**
 * The server lists what was taught among the file's phrases and does not tell them apart, so what has a taught phrase's very words
 * is taken for it. `former`: see `KnowledgeDesk`.
 */
export function phrasesInFile(article: string, phrases: readonly string[], taught: readonly TaughtPhrase[], former: ReadonlySet<string>): string[] {
  const known = new Set(taughtFor(article, taught).map(({ text }) => text));
  return phrases.filter((text) => !known.has(text) && !former.has(wordsFor(article, text)));
}

/** Names the words of an article's phrase. */
export function wordsFor(article: string, text: string): string {
  return `${article}\n${text}`;
}
