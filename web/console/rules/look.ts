// How the widget looks on a site: its fields as they are typed, what is wrong with them, and the tag of the site's pages.

import type { Problem } from "../../shared/api";
import type { Look, Site, Wording } from "../team_api";
import { LANGUAGES, type Key, type Language } from "../texts";
import { countChars } from "./outbox";
import { wholeOf, type Wrong } from "./teamwork";

export const COLOURS = ["colour", "colour_dark"] as const;
export const OFFSETS = ["offset_x", "offset_y"] as const;
export const WORDS = ["title", "launcher", "greeting"] as const;
export type ColourName = (typeof COLOURS)[number];
export type OffsetName = (typeof OFFSETS)[number];
export type WordsName = (typeof WORDS)[number];

/** As `domain/site.rs` bounds them. */
const MAX_OFFSET_PX = 400;
const MAX_CHARS: Record<WordsName, number> = { title: 80, launcher: 80, greeting: 500 };

/** A look as typed. Empty: the widget's own. */
export type LookForm = Record<ColourName | OffsetName, string> &
  Record<WordsName, Record<Language, string>> &
  Pick<Look, "position" | "theme">;

export function lookForm(look: Look): LookForm {
  const words = (wording: Wording) => Object.fromEntries(LANGUAGES.map((language) => [language, wording[language] ?? ""])) as Record<Language, string>;
  return {
    colour: look.colour ?? "",
    colour_dark: look.colour_dark ?? "",
    position: look.position,
    theme: look.theme,
    title: words(look.title),
    launcher: words(look.launcher),
    greeting: words(look.greeting),
    offset_x: String(look.offset_x),
    offset_y: String(look.offset_y),
  };
}

/** What the fields say; only worth something where nothing is wrong with them. */
export function lookOf(form: LookForm): Look {
  return {
    colour: colourOf(form.colour),
    colour_dark: colourOf(form.colour_dark),
    position: form.position,
    theme: form.theme,
    title: wordingOf(form.title),
    launcher: wordingOf(form.launcher),
    greeting: wordingOf(form.greeting),
    offset_x: wholeOf(form.offset_x),
    offset_y: wholeOf(form.offset_y),
  };
}

/** Spaces around words and the case of a colour make no difference. */
export function isSame(form: LookForm, look: Look): boolean {
  return JSON.stringify(lookOf(form)) === JSON.stringify(lookOf(lookForm(look)));
}

/** `#rrggbb`, also of `0A6C74` and `#abc`; null: it is no colour. */
export function hexOf(typed: string): string | null {
  const found = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(typed.normalize("NFKC").trim().toLowerCase())?.[1];
  if (found === undefined) return null;
  return `#${found.length === 6 ? found : found.replace(/./g, "$&$&")}`;
}

function colourOf(typed: string): string | null {
  return hexOf(typed) ?? (typed.trim() || null);
}

function wordingOf(words: Record<Language, string>): Wording {
  return Object.fromEntries(LANGUAGES.map((language) => [language, words[language].trim()]).filter(([, text]) => text));
}

/** The first thing wrong. The field of words is `title.ru` and so on. */
export function wrongInLook(form: LookForm): Wrong | null {
  const isOffset = (n: number) => n >= 0 && n <= MAX_OFFSET_PX;
  const wrong: [boolean, string, Key][] = [
    ...COLOURS.map((name): [boolean, string, Key] => [form[name].trim() !== "" && hexOf(form[name]) === null, name, "look_bad_colour"]),
    ...OFFSETS.map((name): [boolean, string, Key] => [!isOffset(wholeOf(form[name])), name, "look_bad_offset"]),
    ...WORDS.flatMap((name) =>
      LANGUAGES.map((language): [boolean, string, Key] => [
        countChars(form[name][language].trim()) > MAX_CHARS[name],
        `${name}.${language}`,
        name === "greeting" ? "look_bad_greeting" : "look_bad_words",
      ]),
    ),
  ];
  const first = wrong.find(([is]) => is);
  return first ? { field: first[1], key: first[2] } : null;
}

/** The language that a field of words belongs to; null for the other fields. */
export function languageOfField(field: string): Language | null {
  return LANGUAGES.find((language) => field.endsWith(`.${language}`)) ?? null;
}

/** The field that the server did not take, and its sentence: `look.colour: "red" is no colour …`. */
export function refusedIn(problem: Problem | null): { field: string; text: string } | null {
  const [, field, text] = /^[Ll]ook\.([a-z_]+(?:\.[\w-]+)?): (.+)$/s.exec(problem?.detail ?? "") ?? [];
  return field === undefined || text === undefined ? null : { field, text };
}

/** What the widget would say in a language: its own words, else those of the nearest language that has some. */
export function wordsFor(wording: Wording, language: Language): string | null {
  const other = language === "zh-Hans" ? "zh-Hant" : language === "zh-Hant" ? "zh-Hans" : language;
  const nearest: readonly Language[] = [language, other, "en", ...LANGUAGES];
  return nearest.map((tag) => wording[tag]).find(Boolean) ?? null;
}

/** The script tag of a site's pages. `base`: where the server is, without a slash at its end. */
export function tagOf(base: string, site: Pick<Site, "name">): string {
  const name = site.name.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<script async src="${base}/widget.js" data-site="${name}"></` + "script>";
}
