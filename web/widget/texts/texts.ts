// The shape of what the widget says by itself. What is said in turns comes from the server.

import type { Language } from "../language";
import type { Field } from "../site";

export interface Texts {
  title: string;
  closePanel: string;
  intro: string;
  introMore: string;
  withBot: string;
  withAgent: (name: string) => string;
  waiting: string;
  resolved: string;
  log: string;
  you: string;
  bot: string;
  system: string;
  field: string;
  send: string;
  person: string;
  backToBot: string;
  looking: string;
  next: string;
  position: (n: number) => string;
  wait: (minutes: number) => string;
  waitBrief: string;
  reconnecting: string;
  unsent: string;
  busy: string;
  retry: string;
  sending: string;
  tooLong: (limit: number) => string;
  refused: string;
  edit: string;
  charsLeft: (n: number) => string;
  charsOver: (n: number) => string;
  full: string;
  source: (title: string) => string;
  didItHelp: string;
  helped: string;
  notHelped: string;
  thanks: string;
  sorry: string;
  renewed: string;
  latest: string;
  more: string;
  attach: string;
  dropHere: string;
  typing: (name: string) => string;
  seen: string;
  showMore: string;
  showLess: string;
  closed: string;
  opens: (when: string) => string;
  signIn: string;
  waitRange: (from: number, to: number) => string;
}

/** For what few conversations need: forms, files, the rating. */
export interface MoreTexts {
  rate: string;
  scores: readonly [string, string, string, string, string];
  comment: string;
  sendComment: string;
  noComment: string;
  transcript: string;
  mailTranscript: string;
  mailField: string;
  mailSent: (address: string) => string;
  telegram: string;
  telegramOpen: string;
  telegramScan: string;
  failed: string;
  remove: (name: string) => string;
  tooLarge: (mb: number) => string;
  badType: string;
  tooManyFiles: (n: number) => string;
  uploadFailed: string;
  contactAsk: string;
  contactField: string;
  contactKept: string;
  contactBad: string;
  before: string;
  fields: Readonly<Record<Field, string>>;
  required: string;
  optional: string;
  start: string;
}

/** One language is loaded with the panel, the others are not. */
export async function loadTexts(language: Language): Promise<Texts> {
  const load = {
    en: () => import("./en"),
    "zh-Hans": () => import("./zh-Hans"),
    "zh-Hant": () => import("./zh-Hant"),
    ru: () => import("./ru"),
  }[language];
  return (await load()).default;
}

/** Loaded with the first form, file or rating. */
export async function loadMoreTexts(language: Language): Promise<MoreTexts> {
  const load = {
    en: () => import("./en.more"),
    "zh-Hans": () => import("./zh-Hans.more"),
    "zh-Hant": () => import("./zh-Hant.more"),
    ru: () => import("./ru.more"),
  }[language];
  return (await load()).default;
}
