// @vitest-environment node
import { expect, test } from "vitest";
import { isKey, KEYS, LANGUAGES, say } from "../texts";
import type { Reason } from "../wire";
import {
  auditText,
  chooseLanguage,
  deciderText,
  decisionText,
  degradedText,
  languageMark,
  languageText,
  localeOf,
  partText,
  reasonText,
  severityText,
  spanText,
  waitText,
} from "./words";

test("every text stands in every language, with the same names to fill in", () => {
  for (const key of KEYS) {
    const names = LANGUAGES.map((language) => [...say(language, key).matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
    for (const [i, language] of LANGUAGES.entries()) {
      expect(say(language, key).trim(), `${key} in ${language}`).not.toBe("");
      expect(names[i], `${key} in ${language}`).toEqual(names[0]);
    }
  }
});

test("every reason has words in every language", () => {
  const reasons: Reason[] = [
    "customer_asked",
    "not_understood",
    "did_not_help",
    "topic_needs_human",
    "out_of_patience",
    "bot_unavailable",
    "agent_requested",
  ];
  for (const reason of reasons) {
    expect(isKey(reason), reason).toBe(true);
    for (const language of LANGUAGES) expect(reasonText(language, reason)).not.toContain("_");
  }
});

test("names that a newer server adds are still readable", () => {
  expect(reasonText("en", "weather_is_bad")).toBe("weather is bad");
  expect(decisionText("ru", "hand_off")).toBe("Передал человеку");
  expect(decisionText("en", "sing_along")).toBe("sing along");
  expect(deciderText("en", null)).toBe("By confidence");
  expect(deciderText("en", "wants_person")).toBe("By rule: the customer wants a person");
  expect(deciderText("en", "full_moon")).toBe("By rule: full moon");
  expect(degradedText("en", "no_encoder")).toBe("Running without the encoder: answers come from words alone.");
  expect(degradedText("en", "no_tea")).toBe("Running with a part missing: no tea.");
  expect(partText("zh-Hant", "encoder_late")).toBe("編碼器逾時");
  expect(severityText("en", "note")).toBe("note");
});

test("waiting times as people say them", () => {
  const check = (secs: number, en: string, hans: string, ru: string) => {
    expect(spanText("en", secs)).toBe(en);
    expect(spanText("zh-Hans", secs)).toBe(hans);
    expect(spanText("ru", secs)).toBe(ru);
  };
  check(0, "now", "刚刚", "сейчас");
  check(45, "45 s", "45 秒", "45 с");
  check(200, "3 min", "3 分钟", "3 мин");
  check(7200, "2 h", "2 小时", "2 ч");
  check(4800, "1 h 20 min", "1 小时 20 分", "1 ч 20 мин");
  check(200_000, "2 d", "2 天", "2 дн.");
});

test("whoever waits as long as it says is never too early", () => {
  const check = (secs: number | null, en: string) => expect(waitText("en", secs)).toBe(en);
  check(899, "15 min");
  check(900, "15 min");
  check(61, "2 min");
  check(60, "1 min");
  check(59, "59 s");
  check(0, "1 s");
  check(null, "1 min");
});

test("all that the log has is in words, and what a newer server adds stands as it is", () => {
  const known = [
    ..."signed_in locked_out second_factor_on second_factor_off agent_added agent_disabled password_set work_set".split(" "),
    ..."queue_set queue_unset canned_reply_set canned_reply_removed phrase_accepted phrase_rejected".split(" "),
    ..."customer_blocked customer_unblocked customer_exported customer_erased".split(" "),
  ];
  for (const what of known) for (const language of LANGUAGES) expect(auditText(language, what), what).not.toContain("_");
  for (const what of known) expect(auditText("en", what)).not.toBe(what);
  expect(auditText("ru", "tea_made")).toBe("tea_made");
});

test("the language is what was chosen, else the first that both sides know", () => {
  const check = (kept: string | null, wanted: string[], expected: string) => expect(chooseLanguage(kept, wanted)).toBe(expected);
  check("ru", ["en-GB"], "ru");
  check("klingon", ["en-GB"], "en");
  check(null, ["de-DE", "ru-RU", "en"], "ru");
  check(null, ["zh-CN"], "zh-Hans");
  check(null, ["zh-TW"], "zh-Hant");
  check(null, ["zh-Hant-HK"], "zh-Hant");
  check(null, ["zh"], "zh-Hans");
  check(null, ["fr"], "en");
  check(null, [], "en");
});

test("dates follow the reader's country where the browser tells it", () => {
  expect(localeOf("en", ["de", "en-GB", "en"])).toBe("en-GB");
  expect(localeOf("zh-Hant", ["zh-CN", "zh-HK"])).toBe("zh-HK");
  expect(localeOf("ru", ["en-GB"])).toBe("ru");
});

test("languages by name and by mark", () => {
  expect(languageText("en", "zh-Hans")).toBe("Simplified Chinese");
  expect(languageText("en", "not a tag")).toBe("not a tag");
  expect(["en", "ru", "zh-Hans", "zh-Hant", "de"].map(languageMark)).toEqual(["EN", "RU", "简", "繁", "DE"]);
});
