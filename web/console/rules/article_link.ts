// Where customers read an article by themselves.

import { asLink } from "./formatting";

/** In Markdown. `base`: the server's address without a slash at its end; `language`: the conversation's, where it is known. */
export function articleLink({ id, title }: { id: string; title: string }, base: string, language: string | null): string {
  const asked = language === null ? "" : `?language=${encodeURIComponent(language)}`;
  return asLink(title, `${base}/articles/${encodeURIComponent(id)}${asked}`);
}
