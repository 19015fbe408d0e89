// Where in the console one is, as the part of the address after `#`.

import type { View } from "../wire";

/** `saved`: the id of the saved view that is listed, which knows its view and its filters. */
export type Route = { at: "list"; view: View; open: string | null; saved?: string } | { at: "knowledge" } | { at: "team" };

export const VIEWS: readonly View[] = ["waiting", "mine", "snoozed", "follow_ups", "bot", "resolved", "mentioned"];

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [first = "", second = ""] = path.split("/");
  // Older addresses say "findings".
  if (first === "knowledge" || first === "findings") return { at: "knowledge" };
  if (first === "team") return { at: "team" };
  const view = VIEWS.find((view) => view === first) ?? "waiting";
  const saved = new URLSearchParams(query).get("saved");
  return { at: "list", view, open: decode(second) || null, ...(saved && { saved }) };
}

export function hashOf(route: Route): string {
  if (route.at === "knowledge") return "#/knowledge";
  if (route.at === "team") return "#/team";
  const saved = route.saved ? `?${new URLSearchParams({ saved: route.saved })}` : "";
  return `#/${route.view}${route.open ? `/${encodeURIComponent(route.open)}` : ""}${saved}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
