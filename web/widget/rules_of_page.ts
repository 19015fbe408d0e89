// Whether a rule of a site speaks now. Plain values only.

/** All conditions that are given must hold. */
export interface Proactive {
  /** A path with `*` for anything. */
  readonly page?: string;
  readonly after_secs?: number;
  readonly scroll_percent?: number;
  readonly text: string;
}

/** `*` stands for anything, also for slashes. */
export function isOnPage(pattern: string, path: string): boolean {
  const words = pattern.split("*").map((word) => word.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${words.join(".*")}$`).test(path);
}

export function speaks(rule: Proactive, path: string, secs: number, scrolledPercent: number): boolean {
  if (rule.page !== undefined && !isOnPage(rule.page, path)) return false;
  return secs >= (rule.after_secs ?? 0) && scrolledPercent >= (rule.scroll_percent ?? 0);
}
