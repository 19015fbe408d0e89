// Texts that are ready: canned replies and articles, found by a slash and a few letters, with what is filled in.

import type { Canned, Opened } from "../wire";

/** What sending a canned reply does besides. */
export interface Brings {
  tags: readonly string[];
  /** The conversation ends as solved. */
  ends: boolean;
}

export interface ReadyArticle {
  kind: "article";
  key: string;
  title: string;
  article: string;
}

export type Ready = { kind: "canned"; key: string; title: string; text: string; brings: Brings; isShared: boolean } | ReadyArticle;

export interface Titled {
  id: string;
  titles: { language: string; title: string }[];
}

const MAX_SHOWN = 8;

/** What was typed after the slash; null where the draft is no search. A slash inside words means itself. */
export function wanted(draft: string): string | null {
  return /^\/[^\n/]{0,60}$/.test(draft) ? draft.slice(1).trim().toLocaleLowerCase() : null;
}

/** The names that begin with it first, then those that have it; canned replies before articles. */
export function ready(words: string, canned: readonly Canned[], articles: readonly Titled[], language: string | null): Ready[] {
  const rank = (...texts: string[]) => {
    const lower = texts.map((text) => text.toLocaleLowerCase());
    if (lower.some((text) => text.startsWith(words))) return 0;
    return lower.some((text) => text.includes(words)) ? 1 : null;
  };
  const all: { rank: number; of: Ready }[] = [];
  for (const { id, name, text, ends, tags, is_shared } of canned) {
    const at = rank(name, text);
    if (at !== null) all.push({ rank: at, of: { kind: "canned", key: `canned-${id}`, title: name, text, brings: { tags, ends }, isShared: is_shared } });
  }
  for (const { id, titles } of words ? articles : []) {
    const title = titles.find((one) => one.language === language)?.title ?? titles[0]?.title ?? id;
    const at = rank(title, id, ...titles.map((one) => one.title));
    if (at !== null) all.push({ rank: at + 2, of: { kind: "article", key: `article-${id}`, title, article: id } });
  }
  return all.sort((a, b) => a.rank - b.rank).map(({ of }) => of).slice(0, MAX_SHOWN);
}

/** The variables that a text may hold. What is not known stays as it is written, so that the agent sees it. */
export function filled(text: string, opened: Pick<Opened, "conversation" | "details" | "profile">, agent: string): string {
  const name = opened.profile?.attributes["name"];
  const said = opened.details?.find(({ field }) => field === "name")?.text;
  const values: Record<string, string | undefined> = {
    customer: typeof name === "string" ? name : said,
    agent,
    conversation: opened.conversation.id,
  };
  return text.replace(/\{(\w+)\}/g, (whole, variable: string) => values[variable] ?? whole);
}

/** The first variable that is still written as such, with where it stands; null where every one is filled in. */
export function unfilled(text: string): { from: number; to: number; variable: string } | null {
  const found = /\{(?:customer|agent|conversation)\}/.exec(text);
  return found && { from: found.index, to: found.index + found[0].length, variable: found[0] };
}
