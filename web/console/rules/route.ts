// Where in the console one is, as the part of the address after `#`.

import type { View } from "../wire";

export type Route = { at: "list"; view: View; open: string | null } | { at: "knowledge" } | { at: "team" };

export const VIEWS: readonly View[] = ["waiting", "mine", "snoozed", "follow_ups", "bot", "resolved"];

export function parseRoute(hash: string): Route {
  const [first = "", second = ""] = hash.replace(/^#\/?/, "").split("/");
  // Older addresses say "findings".
  if (first === "knowledge" || first === "findings") return { at: "knowledge" };
  if (first === "team") return { at: "team" };
  const view = VIEWS.find((view) => view === first) ?? "waiting";
  return { at: "list", view, open: decode(second) || null };
}

export function hashOf(route: Route): string {
  if (route.at === "knowledge") return "#/knowledge";
  if (route.at === "team") return "#/team";
  return `#/${route.view}${route.open ? `/${encodeURIComponent(route.open)}` : ""}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
