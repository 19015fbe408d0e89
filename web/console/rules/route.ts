// Where in the console one is, as the part of the address after `#`.

import type { View } from "../wire";

export type Route = { at: "list"; view: View; open: string | null } | { at: "findings" };

export const VIEWS: readonly View[] = ["waiting", "mine", "bot", "resolved"];

export function parseRoute(hash: string): Route {
  const [first = "", second = ""] = hash.replace(/^#\/?/, "").split("/");
  if (first === "findings") return { at: "findings" };
  const view = VIEWS.find((view) => view === first) ?? "waiting";
  return { at: "list", view, open: decode(second) || null };
}

export function hashOf(route: Route): string {
  if (route.at === "findings") return "#/findings";
  return `#/${route.view}${route.open ? `/${encodeURIComponent(route.open)}` : ""}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
