// Days of the week by name, and dates as people read them.

/** Of every day from Monday on. */
export function dayNames(locale: string, width: "short" | "long"): string[] {
  const named = new Intl.DateTimeFormat(locale, { weekday: width, timeZone: "UTC" });
  // 2024 began on a Monday.
  return Array.from({ length: 7 }, (_, i) => named.format(new Date(Date.UTC(2024, 0, 1 + i))));
}

/** A day such as `2026-12-24`; what is no day stays as it is. */
export function dateName(locale: string, day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(at);
}
