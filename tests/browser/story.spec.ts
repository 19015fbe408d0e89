// The story that must run, in a real browser, in each of the four languages: a customer on the demo page, two agents at the console.

import { type BrowserContext, type Page, expect, test } from "@playwright/test";
import { Server } from "./server.ts";

const STORY = [
  {
    language: "en",
    field: "Write your question",
    refund: "it has been two weeks and my refund is nowhere to be seen",
    source: /refund/i,
    stranger: "Do you know a good recipe for mushroom soup?",
    else: "Something else",
    inLine: /next in line/i,
    rating: "Good",
    thanks: "thank you!",
    smallTalk: "You’re welcome",
  },
  {
    language: "zh-Hans",
    field: "请输入您的问题",
    refund: "东西都退回去十天了，退款一直没看到",
    source: /退款/,
    stranger: "今天北京的天气怎么样，要带伞吗？",
    else: "都不是",
    inLine: /下一位就是您|排在第 1 位/,
    rating: "满意",
    thanks: "谢谢",
    smallTalk: "不客气",
  },
  {
    language: "zh-Hant",
    field: "請輸入您的問題",
    refund: "退回去的東西你們都收到了，錢怎麼還沒退給我",
    source: /退款/,
    stranger: "請問台北哪裡有好吃的牛肉麵？",
    else: "都不是",
    inLine: /下一位就是您|排在第 1 位/,
    rating: "滿意",
    thanks: "謝謝",
    smallTalk: "不客氣",
  },
  {
    language: "ru",
    field: "Напишите вопрос",
    refund: "вернула вам блендер две недели назад, а деньги так и не пришли",
    source: /деньги|возврат/i,
    stranger: "Посоветуйте рецепт грибного супа",
    else: "Другое",
    inLine: /следующ|номером 1/i,
    rating: "Хорошо",
    thanks: "спасибо",
    smallTalk: "Пожалуйста",
  },
] as const;

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
  server.addAgent("alice@shop.example", "Alice");
  server.addAgent("bob@shop.example", "Bob");
});

test.afterAll(async () => {
  await server.end();
});

async function signIn(context: BrowserContext, email: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${server.url}/console`);
  await page.getByLabel("Email", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Waiting").first()).toBeVisible();
  return page;
}

for (const lines of STORY) {
  test(`the story in ${lines.language}`, async ({ browser }) => {
    const customers = await browser.newContext();
    const customer = await customers.newPage();
    const complaints: string[] = [];
    customer.on("pageerror", (error) => complaints.push(error.message));
    await customer.goto(`${server.url}/?lang=${lines.language}`);
    const field = customer.getByLabel(lines.field);
    // The demo page opens it by itself where there is room for both.
    await expect(field).toBeVisible();
    const say = async (text: string) => {
      await field.fill(text);
      await field.press("Enter");
    };
    const log = customer.getByRole("log");

    // Answered from the right article.
    await say(lines.refund);
    await expect(log.getByText(lines.source).last()).toBeVisible();

    // A stranger's question leads to a person and a place in line.
    await say(lines.stranger);
    const somethingElse = log.getByRole("button", { name: lines.else });
    const inLine = customer.getByText(lines.inLine).first();
    await expect(somethingElse.or(inLine).first()).toBeVisible();
    if (await somethingElse.isVisible()) await somethingElse.click();
    await expect(inLine).toBeVisible();

    // Alice sees why, and what was said; Bob is late.
    const alice = await signIn(await browser.newContext({ locale: "en-GB" }), "alice@shop.example");
    const bob = await signIn(await browser.newContext({ locale: "en-GB" }), "bob@shop.example");
    for (const agent of [alice, bob]) {
      await agent.getByText(lines.stranger).first().click();
      await expect(agent.getByRole("button", { name: /^Claim/ }).first()).toBeVisible();
      await expect(agent.getByText(lines.refund).first()).toBeVisible();
    }
    await alice.getByRole("button", { name: /^Claim/ }).first().click();
    const reply = alice.getByRole("textbox").last();
    await expect(reply).toBeEnabled();
    await expect(bob.getByText(/Alice/).first()).toBeVisible();
    await expect(bob.getByRole("button", { name: /^Claim/ })).toHaveCount(0);

    await reply.fill("Let me look into that.");
    await reply.press("Control+Enter");
    await expect(log.getByText("Let me look into that.")).toBeVisible();

    // The server dies while the customer writes; what was written arrives once.
    await server.killAndStartAgain();
    await say("9 + 1");
    // The transcript alone: what is read out to screen readers repeats it.
    await expect(alice.locator(".scroller[role=region]").getByText("9 + 1")).toHaveCount(1);
    await expect(log.getByText("Let me look into that.")).toHaveCount(1);
    await reply.fill("All done.");
    await reply.press("Control+Enter");
    await expect(log.getByText("All done.")).toHaveCount(1);

    // Resolved, rated, and the next question goes to the bot.
    await alice.getByRole("button", { name: /^Resolve/ }).first().click();
    await alice.getByRole("button", { name: /^Solved/ }).click();
    await customer.getByRole("button", { name: `4 – ${lines.rating}` }).click();
    await expect(customer.getByRole("button", { name: `4 – ${lines.rating}`, pressed: true })).toBeVisible();
    await say(lines.thanks);
    await expect(log.getByText(lines.smallTalk).first()).toBeVisible();

    // It is all still there after a reload, once.
    await customer.reload();
    // The demo page opens it by itself where there is room for both.
    await expect(field).toBeVisible();
    await expect(log.getByText("All done.")).toHaveCount(1);
    await expect(log.getByText("9 + 1")).toHaveCount(1);
    expect(complaints).toEqual([]);
    for (const context of [customers, alice.context(), bob.context()]) await context.close();
  });
}
