// Lists that agents come back to: how a list becomes a saved view, and a saved view a list again.

import type { Filter } from "../desk_api";
import type { SavedView, View } from "../wire";
import { VIEWS } from "./route";

export const MAX_VIEW_NAME_CHARS = 40;

/** What a saved view lists. */
export type Asked = Pick<SavedView, "view" | "q" | "queue" | "channel" | "language" | "tag">;

/** Words look through every view, so the view that they were typed in is no part of it. */
export function askedBy(view: View, { words, queue, channel, language, tag }: Filter): Asked {
  return {
    view: words ? "all" : view,
    q: words || null,
    queue: queue || null,
    channel: channel || null,
    language: language || null,
    tag: tag || null,
  };
}

/** The view that it opens; a search opens in the first. */
export function viewOf({ view }: Asked): View {
  return VIEWS.find((known) => known === view) ?? VIEWS[0]!;
}

export function filterOf({ q, queue, channel, language, tag }: Asked): Filter {
  return { ...(q && { words: q }), ...(queue && { queue }), ...(channel && { channel }), ...(language && { language }), ...(tag && { tag }) };
}

/** The list is not what was saved any more. */
export function isChanged(saved: SavedView, view: View, filter: Filter): boolean {
  const asked = askedBy(view, filter);
  return Object.entries(asked).some(([name, wanted]) => wanted !== saved[name as keyof Asked]);
}

/** Names are one's own, or everybody's, once each. */
export function isNameTaken(views: readonly SavedView[], { id, name, is_shared }: { id?: string; name: string; is_shared: boolean }): boolean {
  return views.some((view) => view.id !== id && view.is_shared === is_shared && view.name === name.trim());
}
