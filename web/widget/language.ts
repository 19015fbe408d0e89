// Which of the languages the widget speaks.

export const LANGUAGES = ["en", "zh-Hans", "zh-Hant", "ru"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The first wish that is one of ours, else English. Wishes are BCP 47 tags, most wanted first. */
export function pickLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const language = knownLanguage(wish);
    if (language !== null) return language;
  }
  return "en";
}

export function knownLanguage(tag: string | null | undefined): Language | null {
  const [language = "", ...rest] = (tag ?? "").toLowerCase().split(/[-_]/);
  if (language === "en" || language === "ru") return language;
  if (language !== "zh") return null;
  return !rest.includes("hans") && /hant|tw|hk|mo/.test(rest.join()) ? "zh-Hant" : "zh-Hans";
}
