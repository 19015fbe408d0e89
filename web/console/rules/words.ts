// From what the API names to what the console says, in the reader's language.

import { isKey, LANGUAGES, say, type Fill, type Key, type Language } from "../texts";
import { span } from "./time";

/** A name that the catalogue knows under this prefix, or the name itself in plain letters. */
function named(language: Language, prefix: string, name: string, fill: Fill = {}): string {
  const key = prefix + name;
  return isKey(key) ? say(language, key, fill) : name.replaceAll("_", " ");
}

/** Why it came to people; a reason that a newer server adds is still readable. */
export function reasonText(language: Language, reason: string): string {
  return named(language, "", reason);
}

export function decisionText(language: Language, decision: string): string {
  return named(language, "decided_", decision);
}

export function deciderText(language: Language, rule: string | null | undefined): string {
  if (!rule) return say(language, "decided_by_model");
  return say(language, "decided_by_rule", { rule: named(language, "rule_", rule) });
}

/** A whole sentence for the banner. */
export function degradedText(language: Language, part: string): string {
  const key = `degraded_${part}`;
  return isKey(key) ? say(language, key) : say(language, "degraded_other", { part: part.replaceAll("_", " ") });
}

/** A few words for the trace. */
export function partText(language: Language, part: string): string {
  return named(language, "part_", part);
}

export function severityText(language: Language, severity: string): string {
  return named(language, "severity_", severity);
}

/** "3 min", "1 h 20 min"; what is younger than a second is "now". */
export function spanText(language: Language, secs: number): string {
  const { unit, n, rest } = span(secs);
  if (unit === "secs" && n === 0) return say(language, "now");
  if (unit === "hours" && rest > 0) return say(language, "hours_mins", { n, rest });
  return say(language, unit satisfies Key, { n });
}

/** How long to wait, in whole minutes from one minute on, and never too short; a minute where nobody said. */
export function waitText(language: Language, secs: number | null): string {
  const wait = secs ?? 60;
  return spanText(language, wait < 60 ? Math.max(wait, 1) : Math.ceil(wait / 60) * 60);
}

/** What somebody did, as the audit log has it; what only a newer server knows is shown as it is. */
export function auditText(language: Language, what: string): string {
  const key = `audit_${what}`;
  return isKey(key) ? say(language, key) : what;
}

/** The first language that both sides know; Chinese by script, which places and old tags only imply. */
export function chooseLanguage(kept: string | null, wanted: readonly string[]): Language {
  const known = LANGUAGES.find((language) => language === kept);
  return known ?? wanted.map(languageOf).find((language) => language !== null) ?? "en";
}

/** The reader's own habits of dates and clocks where the browser tells them: 24 hours in London, 12 in New York. */
export function localeOf(language: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => languageOf(tag) === language) ?? language;
}

function languageOf(tag: string): Language | null {
  const [primary = "", ...rest] = tag.toLowerCase().split("-");
  if (primary === "zh") return rest.some((part) => ["hant", "tw", "hk", "mo"].includes(part)) ? "zh-Hant" : "zh-Hans";
  return LANGUAGES.find((language) => language === primary) ?? null;
}

/** A language by its name in the reader's language; a tag that nobody knows stays a tag. */
export function languageText(reader: Language, tag: string): string {
  try {
    return new Intl.DisplayNames([reader], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Short enough for a row: EN, 简, 繁, RU. */
export function languageMark(tag: string): string {
  const known = languageOf(tag);
  if (known === "zh-Hans") return "简";
  if (known === "zh-Hant") return "繁";
  return tag.slice(0, 2).toUpperCase();
}
