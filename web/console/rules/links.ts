// What may become a link. The page a customer was on is the customer's own claim.

export interface SafeLink {
  href: string;
  /** Host and path, without what trackers add; short enough for a line. */
  label: string;
}

const MAX_LABEL_CHARS = 60;

/** Only http and https, never with a name and password in front of the host. */
export function safeLink(url: string | null | undefined): SafeLink | null {
  let parsed: URL;
  try {
    parsed = new URL(url ?? "");
  } catch {
    return null;
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") return null;
  if (parsed.username || parsed.password) return null;
  const label = parsed.host + (parsed.pathname === "/" ? "" : parsed.pathname);
  const short = label.length > MAX_LABEL_CHARS ? label.slice(0, MAX_LABEL_CHARS - 1) + "…" : label;
  return { href: parsed.href, label: short };
}
