import { expect, it } from "vitest";
import { LANGUAGES, TEXTS, pickLanguage } from "./texts";

const check = (wishes: (string | null | undefined)[], expected: string) =>
  it(`${JSON.stringify(wishes)} is ${expected}`, () => expect(pickLanguage(wishes)).toBe(expected));

check([], "en");
check(["ru-RU"], "ru");
check(["zh"], "zh-Hans");
check(["zh-CN"], "zh-Hans");
check(["zh-SG"], "zh-Hans");
check(["zh-TW"], "zh-Hant");
check(["zh-HK"], "zh-Hant");
check(["zh-Hant-CN"], "zh-Hant");
check(["zh-Hans-TW"], "zh-Hans");
check(["ZH_hant"], "zh-Hant");
check([null, "", "de", "fr-CA", "zh-MO", "en"], "zh-Hant");
check(["english"], "en");

it("says everything in every language, and Traditional differs from Simplified", () => {
  for (const language of LANGUAGES) {
    expect(Object.keys(TEXTS[language]).sort()).toEqual(Object.keys(TEXTS.en).sort());
    for (const text of Object.values(TEXTS[language])) {
      const said = typeof text === "function" ? (text as (x: unknown) => string)(7) : text;
      expect(said).not.toHaveLength(0);
    }
  }
  expect(TEXTS["zh-Hant"].openPanel).not.toBe(TEXTS["zh-Hans"].openPanel);
});
