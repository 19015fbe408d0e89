// @vitest-environment node
import { expect, test } from "vitest";
import { articleLink } from "./article_link";

test("an article is linked by its title, in the customer's language", () => {
  const check = (id: string, title: string, language: string | null, link: string) =>
    expect(articleLink({ id, title }, "https://help.shop.example/desk", language)).toBe(link);
  check("refund-time", "When?", "zh-Hans", "[When?](https://help.shop.example/desk/articles/refund-time?language=zh-Hans)");
  check("refund-time", "When?", null, "[When?](https://help.shop.example/desk/articles/refund-time)");
  check("a/b (c)", "[New] a\\b", null, "[\\[New\\] a\\\\b](https://help.shop.example/desk/articles/a%2Fb%20%28c%29)");
});
