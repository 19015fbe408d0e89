// The widget on somebody else's page, under a strict policy, on a desktop and on a phone: what a customer can do, what can go
// wrong, and what must never happen.

import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type BrowserContext, type Locator, type Page, expect, test } from "@playwright/test";
import { Server } from "./server.ts";
import { Shop } from "./shop.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SECRET = "a secret of at least thirty-two bytes";
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;
const REFUND = "it has been two weeks and my refund is nowhere to be seen";

let shop: Shop;
let server: Server;

test.beforeAll(async () => {
  shop = await Shop.open();
  // Open on one day of the week, which is not today.
  const tomorrow = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][(new Date().getUTCDay() + 2) % 7];
  const origins = `origins = ["${shop.url}"]`;
  server = await Server.start({
    env: { SHOP_SECRET: SECRET },
    config: `
[[sites]]
name = "shop"
${origins}
identity_secret_env = "SHOP_SECRET"
[sites.look]
colour = "#ffd400"
launcher = { en = "Help", ru = "Помощь" }
greeting = { en = "Welcome to the shop!" }

[[sites]]
name = "members"
${origins}
identity = "required"
identity_secret_env = "SHOP_SECRET"
[sites.look]
position = "left"
theme = "dark"

[[sites]]
name = "forms"
${origins}
pre_chat = [{ field = "name" }, { field = "email", required = true }]
[[sites.proactive]]
page = "/checkout*"
scroll_percent = 50
text = { en = "Questions about delivery?" }

[[sites]]
name = "elsewhere"
origins = ["https://other.example"]

[[queues]]
name = "general"
title = "General"
hours = { zone = "UTC", ${tomorrow} = "00:00-23:59" }
`,
  });
  shop.isServedBy(server.url);
  server.addAgent("alice@shop.example", "Alice");
});

test.afterAll(async () => {
  await server.end();
  await shop.close();
});

interface Visit {
  page: Page;
  context: BrowserContext;
  complaints: string[];
  field: Locator;
  log: Locator;
  launcher: Locator;
  say: (text: string) => Promise<void>;
}

/** A new visitor with an empty browser. */
async function visit(browser: import("@playwright/test").Browser, path = "/", options = {}): Promise<Visit> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  return arrive(context, path);
}

async function arrive(context: BrowserContext, path = "/"): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(shop.url + path);
  const field = page.getByPlaceholder(/Write your question|Напишите вопрос/);
  const say = async (text: string) => {
    await field.fill(text);
    await field.press("Enter");
  };
  return { page, context, complaints, field, log: page.getByRole("log"), launcher: page.locator(".launcher"), say };
}

async function signIn(browser: import("@playwright/test").Browser): Promise<Page> {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await page.goto(`${server.url}/console`);
  await page.getByLabel("Email", { exact: true }).fill("alice@shop.example");
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Waiting").first()).toBeVisible();
  return page;
}

/** A person is called by hand, after words that call for one or are not understood a second time by those. */
async function asksForPerson(page: Page, log: Locator, say: Visit["say"], need: string): Promise<void> {
  const nReplies = await log.locator(".bot, .system").count();
  await say(need);
  // The answer decides whether the button is still wanted. Who waits already is not told so again at each word.
  const isClosed = page.getByText("Nobody is here right now").first();
  await expect.poll(async () => (await isClosed.isVisible()) || (await log.locator(".bot, .system").count()) > nReplies).toBe(true);
  const person = page.locator("footer").getByRole("button", { name: "Talk to a person" });
  if (await person.isVisible()) await person.click();
  await expect(isClosed).toBeVisible();
}

/** Asks for a person, and lets Alice take it. Returns her page and her field. */
async function withAlice(browser: import("@playwright/test").Browser, { page, say, log }: Visit, need: string): Promise<{ alice: Page; reply: Locator }> {
  await asksForPerson(page, log, say, need);
  const alice = await signIn(browser);
  await alice.getByText(need).first().click();
  await alice.getByRole("button", { name: /^Claim/ }).first().click();
  const reply = alice.getByRole("textbox").last();
  await expect(reply).toBeEnabled();
  return { alice, reply };
}

/** WCAG 2.2 A and AA, in the widget alone: the shop's page is its own affair. */
async function axe(page: Page, state: string): Promise<void> {
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (what: unknown, how: unknown) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const found = await axe.run({ include: ["firstline-widget"] }, { runOnly: tags, rules: { region: { enabled: false } } });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
  });
  expect(violations, state).toEqual([]);
  await page.screenshot({ path: test.info().outputPath(`${state}.png`) });
}

function token(sub: string, more: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const body = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub, aud: "members", exp: now + 3600, ...more })}`;
  return `${body}.${createHmac("sha256", SECRET).update(body).digest("base64url")}`;
}

/** What the page's script would call. */
const call = (page: Page, name: string, ...words: unknown[]) =>
  page.evaluate(([name, words]) => (window.Firstline as unknown as Record<string, (...words: unknown[]) => void>)[name as string]!(...(words as unknown[])), [name, words] as const);

declare global {
  interface Window {
    Firstline?: unknown;
    shifted?: number;
    stolen?: unknown;
    heard?: unknown[];
  }
}

for (const [device, options] of [["desktop", {}], ["phone", PHONE]] as const) {
  test(`stands on a strict page and costs little, on a ${device}`, async ({ browser }) => {
    const context = await browser.newContext({ locale: "en-GB", ...options });
    const page = await context.newPage();
    const asked: string[] = [];
    let weight = 0;
    page.on("request", (request) => asked.push(request.url()));
    const weighing: Promise<unknown>[] = [];
    page.on("response", (response) => {
      if (!response.url().startsWith(server.url) || !/javascript/.test(response.headers()["content-type"] ?? "")) return;
      weighing.push(response.request().sizes().then(({ responseBodySize }) => (weight += responseBodySize)));
    });
    await page.addInitScript(() => {
      window.shifted = 0;
      new PerformanceObserver((list) => {
        // What a press brings about is no shift (Layout Instability, hadRecentInput).
        for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
          if (!entry.hadRecentInput) window.shifted! += entry.value;
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(shop.url);
    const launcher = page.getByRole("button", { name: "Help – Open support" });
    await expect(launcher).toBeVisible();
    await Promise.all(weighing);
    const early = weight;
    const usable = await page.evaluate(() => {
      const script = performance.getEntriesByType("resource").find((entry) => entry.name.endsWith("/widget.js"));
      const site = performance.getEntriesByType("resource").find((entry) => entry.name.includes("/api/v1/sites/"));
      return Math.round((site as PerformanceResourceTiming).responseEnd - (script as PerformanceResourceTiming).startTime);
    });
    await launcher.click();
    const field = page.getByPlaceholder("Write your question");
    await expect(field).toBeVisible();
    await expect(page.getByText("Welcome to the shop!")).toBeVisible();
    await Promise.all(weighing);
    console.log(`${device}: ${usable} ms from the script's request to the launcher; ${early} bytes at once, ${weight} with the first press`);
    expect(early).toBeLessThanOrEqual(3.2 * 1024);
    expect(weight).toBeLessThanOrEqual(24 * 1024);
    expect(await page.evaluate(() => window.shifted)).toBe(0);
    expect(await context.cookies()).toEqual([]);
    const origins = [...new Set(asked.map((url) => new URL(url).origin))].sort();
    expect(origins).toEqual([shop.url, server.url].sort());
    if (device === "phone") {
      // It comes in with a short movement.
      await expect.poll(() => page.getByRole("dialog").boundingBox()).toMatchObject({ x: 0, y: 0, width: 390, height: 844 });
      await expect(launcher).toBeHidden();
    }
    await axe(page, `open-${device}`);
    await page.getByRole("button", { name: "Close support" }).first().click();
    await axe(page, `closed-${device}`);
    await context.close();
  });

  test(`answers, asks whether it helped, and hands the conversation over as a file, on a ${device}`, async ({ browser }) => {
    const customer = await visit(browser, "/", options);
    const { page, launcher, say, log } = customer;
    await launcher.click();
    await say(REFUND);
    await expect(log.getByText(/From: /)).toBeVisible();
    await axe(page, `answered-${device}`);
    await page.getByRole("button", { name: "This helped" }).click();
    await expect(log.getByText("good to know")).toBeVisible();
    await page.getByRole("button", { name: "More" }).click();
    await axe(page, `menu-${device}`);
    await expect(page.getByRole("button", { name: "Send it to me by mail" })).toHaveCount(0);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download this conversation" }).click()]);
    expect(readFileSync((await download.path())!, "utf8")).toContain(REFUND);
    await customer.context.close();
  });
}

test("a text that is typed without a network survives a reload and is sent once, in order", async ({ browser }) => {
  const customer = await visit(browser);
  const { page, context, launcher, say, log } = customer;
  await launcher.click();
  await say("hello");
  await expect(log.getByText("hello").first()).toBeVisible();
  // The page itself still loads: only the way to the server is cut.
  await context.route(`${server.url}/api/**`, (route) => route.abort());
  await say("first without a network");
  await say("second without a network");
  await expect(page.getByText("Not sent yet, retrying")).toBeVisible();
  await axe(page, "unsent");
  await page.reload();
  await expect(log.getByText("second without a network")).toBeVisible();
  await context.unroute(`${server.url}/api/**`);
  // It may have been tried again by itself a moment ago.
  await page.getByRole("button", { name: "Retry now" }).click({ timeout: 2_000 }).catch(() => {});
  await expect(page.getByText("Not sent yet, retrying")).toBeHidden();
  await page.reload();
  await expect(log.locator(".customer .words").filter({ hasText: "without a network" })).toHaveText(["first without a network", "second without a network"]);
  await context.close();
});

test("a reload in the middle of sending says it once", async ({ browser }) => {
  const { page, context, launcher, say, log } = await visit(browser);
  await launcher.click();
  await say("hello");
  await expect(log.locator(".bot").first()).toBeVisible();
  // The server takes it, and the page never hears of it.
  let taken: () => void = () => {};
  const isTaken = new Promise<void>((done) => (taken = done));
  await context.route(`${server.url}/api/v1/conversations/*/turns**`, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch().catch(() => {});
    taken();
  });
  await say("in the middle of sending");
  await isTaken;
  await context.unroute(`${server.url}/api/v1/conversations/*/turns**`);
  await page.reload();
  await expect(log.getByText("in the middle of sending")).toHaveCount(1);
  await expect(log.locator(".customer.said").last()).toContainText("in the middle of sending");
  await context.close();
});

test("the server dies and comes back; nothing is lost and nothing said twice", async ({ browser }) => {
  const { page, context, launcher, say, log } = await visit(browser);
  await launcher.click();
  await say("hello");
  await expect(log.locator(".bot").first()).toBeVisible();
  await server.stop();
  await say("while you were away");
  await expect(page.getByText("Not sent yet, retrying")).toBeVisible();
  await server.startAgain();
  await expect(page.getByText("Not sent yet, retrying")).toBeHidden({ timeout: 60_000 });
  await expect(log.getByText("while you were away")).toHaveCount(1);
  await context.close();
});

test("two tabs are one conversation and one badge", async ({ browser }) => {
  const left = await visit(browser);
  await left.launcher.click();
  const right = await arrive(left.context);
  await right.launcher.click();
  // Both begin at once.
  await Promise.all([left.say("from the left"), right.say("from the right")]);
  for (const { log } of [left, right]) {
    await expect(log.getByText("from the left")).toHaveCount(1);
    await expect(log.getByText("from the right")).toHaveCount(1);
  }
  await left.page.getByRole("button", { name: "Close support" }).first().click();
  await right.page.getByRole("button", { name: "Close support" }).first().click();
  const { alice, reply } = await (async () => {
    await left.launcher.click();
    const taken = await withAlice(browser, left, "two tabs, one person");
    // Seen before the panel is closed, so that it is not counted after.
    await expect(left.log.getByText("Alice has joined")).toBeVisible();
    await left.page.getByRole("button", { name: "Close support" }).first().click();
    return taken;
  })();
  await reply.fill("I am here.");
  await reply.press("Control+Enter");
  const third = await arrive(left.context);
  for (const { page } of [left, right, third]) await expect(page.locator(".badge")).toHaveText("1");
  await right.launcher.click();
  await expect(right.log.getByText("I am here.")).toBeVisible();
  for (const { page } of [left, third]) await expect(page.locator(".badge")).toBeHidden();
  await alice.context().close();
  await left.context.close();
});

test("with an agent: who types, what was read, a picture, and nothing that runs", async ({ browser }) => {
  const customer = await visit(browser);
  const { page, launcher, say, log, field } = customer;
  await launcher.click();
  const { alice, reply } = await withAlice(browser, customer, "my lamp is broken, please look");
  await axe(page, "with-agent");

  await reply.pressSequentially("Let me");
  await expect(page.getByText("Alice is typing")).toBeVisible();
  await axe(page, "typing");
  await reply.fill("Please send a picture.");
  await reply.press("Control+Enter");
  await expect(log.getByText("Please send a picture.")).toBeVisible();
  await field.pressSequentially("here");
  await expect(alice.getByText(/is typing/i).first()).toBeVisible();
  await field.fill("");

  const png = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const picker = page.locator("input[type=file]");
  await picker.setInputFiles([
    { name: "lamp.png", mimeType: "image/png", buffer: png },
    { name: "evil.png", mimeType: "image/png", buffer: Buffer.from("<html><script>parent.stolen = 1</script>") },
    { name: "evil.svg", mimeType: "image/svg+xml", buffer: Buffer.from("<svg onload='stolen = 1'/>") },
  ]);
  await expect(page.getByText("This kind of file cannot be sent")).toHaveCount(2);
  await axe(page, "files");
  await page.getByRole("button", { name: "Remove evil.png" }).click();
  await page.getByRole("button", { name: "Remove evil.svg" }).click();
  await say("<img src=x onerror='stolen = 1'>");
  await expect(log.getByRole("img", { name: "lamp.png" })).toBeVisible();
  await expect(alice.getByRole("img", { name: /lamp\.png/ }).first()).toBeVisible();
  await expect(alice.getByText("<img src=x onerror='stolen = 1'>").first()).toBeVisible();
  await expect(log.getByText("Seen")).toBeVisible();

  await reply.fill("<script>stolen = 1</script> https://shop.example/lamp **today**");
  await reply.press("Control+Enter");
  await expect(log.getByText("<script>stolen = 1</script>")).toBeVisible();
  await expect(log.getByRole("link", { name: "https://shop.example/lamp" })).toHaveAttribute("rel", "noopener noreferrer");
  await expect(log.locator("strong", { hasText: "today" })).toBeVisible();
  expect(await page.evaluate(() => window.stolen)).toBeUndefined();
  expect(await alice.evaluate(() => window.stolen)).toBeUndefined();

  await alice.getByRole("button", { name: /^Resolve/ }).first().click();
  await alice.getByRole("button", { name: /^Solved/ }).click();
  await page.getByRole("button", { name: "4 – Good" }).click();
  await expect(page.getByPlaceholder(/Would you like to add/)).toBeVisible();
  await axe(page, "rating");
  await alice.context().close();
  await customer.context.close();
});

test("out of hours an address can be left", async ({ browser }) => {
  const { page, context, launcher, say, log } = await visit(browser);
  await launcher.click();
  await asksForPerson(page, log, say, "please call me");
  await expect(page.getByText(/We are back/)).toBeVisible();
  const address = page.getByLabel("E-mail or phone");
  await address.fill("nowhere");
  await address.press("Enter");
  await expect(page.getByText("neither an e-mail address nor a phone number")).toBeVisible();
  await axe(page, "out-of-hours");
  await address.fill("anna@shop.example");
  await address.press("Enter");
  await expect(page.getByText("We will come back to you.").last()).toBeVisible();
  await context.close();
});

test("the form before the first question, and a word from the site", async ({ browser }) => {
  const { page, context, field, say, log } = await visit(browser, "/checkout/pay?site=forms");
  await expect(page.locator(".launcher")).toBeVisible();
  await expect(page.getByText("Questions about delivery?")).toBeHidden();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.getByRole("button", { name: "Questions about delivery?" }).waitFor();
  await axe(page, "proactive");
  await page.getByRole("button", { name: "Questions about delivery?" }).click();
  await expect(page.getByText("Before we start")).toBeVisible();
  await expect(field).toBeHidden();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("Please fill this in")).toBeVisible();
  await axe(page, "before");
  await page.getByLabel("E-mail").fill("anna@shop.example");
  await page.getByLabel("E-mail").press("Enter");
  await expect(field).toBeFocused();
  await say("hello");
  await expect(log.locator(".bot").first()).toBeVisible();
  await page.reload();
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await expect(log.getByText("hello").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Questions about delivery?" })).toHaveCount(0);
  await context.close();
});

test("who somebody is: signed in, signed in as another, signed out", async ({ browser }) => {
  const { page, context, field, say, log, launcher } = await visit(browser, "/?site=members");
  await launcher.click();
  await say("hello");
  await expect(page.getByText("Please sign in on this site")).toBeVisible();
  await axe(page, "barred-dark-left");
  await call(page, "identify", token("anna", { attributes: { plan: "gold" } }));
  await expect(log.getByText("hello").first()).toBeVisible();
  await expect(log.locator(".bot").first()).toBeVisible();
  await axe(page, "dark");
  await call(page, "identify", token("boris"));
  await expect(log.getByText("hello")).toHaveCount(0);
  await say("Boris here");
  // The bot's, or on a slow machine the notice that a person will come.
  await expect(log.locator(".bot, .system").first()).toBeVisible();
  await field.fill("half a thought");
  await call(page, "logout");
  await launcher.click();
  await expect(log.getByText("Boris here")).toHaveCount(0);
  await expect(field).toHaveValue("");
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  await context.close();
});

test("a page that the site does not know gets no conversation", async ({ browser }) => {
  const { page, context, launcher, say } = await visit(browser, "/?site=elsewhere");
  await launcher.click();
  await say("hello");
  await expect(page.getByText("Not sent yet, retrying")).toBeVisible();
  const status = await page.request.post(`${server.url}/api/v1/conversations`, { headers: { origin: shop.url }, data: { client_id: "x", site: "elsewhere" } });
  expect([status.status(), (await status.json()).code]).toEqual([403, "bad_origin"]);
  await context.close();
});

test("by keyboard alone, with the focus kept and given back", async ({ browser }) => {
  const { page, context, field, log } = await visit(browser);
  await expect(page.locator(".launcher")).toBeVisible();
  await page.getByRole("button", { name: "Buy" }).focus();
  await page.keyboard.press("Tab");
  await expect(page.locator(".launcher")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.type(REFUND);
  await page.keyboard.press("Enter");
  await expect(log.getByText(/From: /)).toBeVisible();
  // Round and round, and never out of the panel.
  const seen = new Set<string>();
  for (let n = 0; n < 20; n++) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => {
      const inside = document.querySelector("firstline-widget")?.shadowRoot?.activeElement;
      return inside?.closest(".panel") ? (inside.getAttribute("aria-label") ?? inside.textContent ?? "") : "outside";
    }));
  }
  expect([...seen]).not.toContain("outside");
  expect([...seen].join()).toMatch(/This helped/);
  await page.keyboard.press("Escape");
  await expect(page.locator(".launcher")).toBeFocused();
  await context.close();
});

test("what the page can call, and what it hears", async ({ browser }) => {
  const { page, context, field, log } = await visit(browser, "/?lang=ru");
  await expect(page.getByRole("button", { name: "Помощь – Открыть поддержку" })).toBeVisible();
  await page.evaluate(() => {
    window.heard = [];
    const { on } = window.Firstline as { on: (event: string, heard: (detail: unknown) => void) => void };
    for (const event of ["open", "close", "turn", "unread"]) on(event, (detail) => window.heard!.push([event, detail]));
  });
  await call(page, "ask", "где мой заказ?");
  await expect(log.getByText("где мой заказ?").first()).toBeVisible();
  await expect(log.locator(".bot").first()).toBeVisible();
  const heard = (await page.evaluate(() => window.heard)) as [string, { by: string; text: string }][];
  expect(heard.map(([event, detail]) => (event === "turn" ? `${event} ${detail.by}` : event))).toEqual(expect.arrayContaining(["open", "turn customer", "turn bot"]));
  await call(page, "setLanguage", "zh-TW");
  await expect(page.getByPlaceholder("請輸入您的問題")).toBeVisible();
  await call(page, "setLanguage", "en");
  await expect(field).toBeVisible();
  await expect(log.getByText("где мой заказ?").first()).toBeVisible();
  await call(page, "toggle");
  await expect(field).toBeHidden();
  await call(page, "destroy");
  await expect(page.locator("firstline-widget")).toHaveCount(0);
  await context.close();
});

test("a page that is written from right to left does not break it", async ({ browser }) => {
  const { page, context, launcher, say, log } = await visit(browser, "/?dir=rtl");
  await launcher.click();
  await say("שלום hello");
  await expect(log.locator(".bot, .system").first()).toBeVisible();
  const box = (await page.getByRole("dialog").boundingBox())!;
  expect(box.x).toBeGreaterThan(0);
  expect(box.x + box.width).toBeLessThanOrEqual(page.viewportSize()!.width);
  await axe(page, "right-to-left");
  await context.close();
});
