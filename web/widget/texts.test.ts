import { expect, it } from "vitest";
import { LANGUAGES, pickLanguage } from "./language";
import { loadMoreTexts, loadTexts } from "./texts/texts";

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

it("says everything in every language, and Traditional differs from Simplified", async () => {
  const all = async (language: (typeof LANGUAGES)[number]) => ({ ...(await loadTexts(language)), ...(await loadMoreTexts(language)) });
  const english = await all("en");
  for (const language of LANGUAGES) {
    const texts = await all(language);
    expect(Object.keys(texts).sort()).toEqual(Object.keys(english).sort());
    for (const text of Object.values(texts)) {
      const said = typeof text === "function" ? (text as (...x: unknown[]) => string)(7, 9) : text;
      expect(Object.values(said)).not.toHaveLength(0);
    }
  }
  expect((await all("zh-Hant")).closePanel).not.toBe((await all("zh-Hans")).closePanel);
});
