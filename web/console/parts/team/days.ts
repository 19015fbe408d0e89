// Days of the week by name.

/** Of every day from Monday on. */
export function dayNames(locale: string, width: "short" | "long"): string[] {
  const named = new Intl.DateTimeFormat(locale, { weekday: width, timeZone: "UTC" });
  // 2024 began on a Monday.
  return Array.from({ length: 7 }, (_, i) => named.format(new Date(Date.UTC(2024, 0, 1 + i))));
}
