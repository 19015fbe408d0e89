// Links that others wrote.

/** A link opens beside the conversation and tells the other side nothing. */
export function leadOutside(link: Element): void {
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer");
}
