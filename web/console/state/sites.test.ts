import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallFailed, type CallOptions, type Failure } from "../../shared/api";
import { TeamApi, type Look, type Site } from "../team_api";
import { Preview, PREVIEW_AFTER_MS, Sites } from "./sites.svelte";
import { lookForm } from "../rules/look";

const look = (colour: string | null = null): Look => ({
  colour,
  colour_dark: null,
  position: "right",
  theme: "auto",
  title: {},
  launcher: {},
  greeting: {},
  offset_x: 20,
  offset_y: 20,
});
const site = (name: string, colour: string | null = null): Site => ({
  name,
  is_configured: true,
  origins: [],
  identity: "off",
  keep_days: 30,
  pre_chat: [],
  proactive: [],
  look: look(colour),
  is_fixed: false,
  changed_at: colour && "2026-11-23T09:00:00Z",
  changed_by: colour && "Ada",
  telegram: null,
});
const refusal = (detail: string): Failure => ({ kind: "problem", problem: { status: 422, code: "bad_look", detail }, retryAfterSecs: null });

/** A server that keeps looks, and refuses everything while it is told so. */
function server() {
  const kept = new Map<string, string | null>([["shop", null], ["blog", null]]);
  const sent: [path: string, body: unknown][] = [];
  let failure: Failure | null = null;
  const ask = async (path: string, options?: CallOptions): Promise<unknown> => {
    if (options) sent.push([`${options.method ?? "POST"} ${path}`, options.body]);
    if (failure) throw new CallFailed(failure);
    if (path === "/sites/preview") return { look: (options?.body as { look: Look }).look };
    const name = /^\/sites\/(\w+)\/look$/.exec(path)?.[1];
    if (name) kept.set(name, options?.method === "DELETE" ? null : (options?.body as { look: Look }).look.colour);
    return name ? site(name, kept.get(name)) : { sites: [...kept].map(([name, colour]) => site(name, colour)) };
  };
  const api = new TeamApi(ask as <T>(path: string, options?: CallOptions) => Promise<T>);
  return { api, kept, sent, refuses: (why: Failure | null) => (failure = why) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is not saved outlives another site and a look at the server; what is saved does not", async () => {
  const { api, kept, sent } = server();
  const sites = new Sites(api);
  await sites.load();
  const shop = sites.shown!;
  expect([shop.site.name, sites.isChanged]).toEqual(["shop", false]);
  shop.form.colour = "#0A6C74";
  sites.choose("blog");
  kept.set("shop", "#111111").set("blog", "#222222");
  await sites.load();
  expect([sites.shown!.form.colour, sites.shown!.isChanged]).toEqual(["#222222", false]);
  sites.choose("shop");
  expect([sites.shown === shop, shop.form.colour, shop.site.look.colour, sites.isChanged]).toEqual([true, "#0A6C74", "#111111", true]);

  expect(await sites.save(shop)).toBe(true);
  expect(sent).toEqual([["POST /sites/shop/look", { look: look("#0a6c74") }]]);
  expect([sites.isChanged, shop.site.changed_by, sites.saving.done?.key]).toEqual([false, "Ada", "look_saved"]);
});

test("what was refused is still there and says why", async () => {
  const { api, refuses } = server();
  const sites = new Sites(api);
  await sites.load();
  const shop = sites.shown!;
  shop.form.title.ru = "Помощь";
  refuses(refusal("look.title.ru: must have 1 to 80 characters"));
  expect(await sites.save(shop)).toBe(false);
  expect([shop.form.title.ru, sites.isChanged, sites.saving.trouble?.problem?.code]).toEqual(["Помощь", true, "bad_look"]);
  // Another site has nothing to do with it.
  sites.choose("blog");
  expect(sites.saving.trouble).toBeNull();
});

test("what is typed while it is saved is not saved", async () => {
  const { api } = server();
  const sites = new Sites(api);
  await sites.load();
  const shop = sites.shown!;
  shop.form.colour = "#111111";
  const saving = sites.save(shop);
  shop.form.offset_x = "40";
  await saving;
  expect([shop.site.look.colour, shop.form.offset_x, shop.isChanged]).toEqual(["#111111", "40", true]);
});

test("back to the file takes what is typed with it, and undoing only that", async () => {
  const { api, kept, sent } = server();
  kept.set("shop", "#111111");
  const sites = new Sites(api);
  await sites.load();
  const shop = sites.shown!;
  shop.form.colour = "#333333";
  shop.undo();
  expect([shop.form.colour, shop.isChanged]).toEqual(["#111111", false]);
  shop.form.colour = "#333333";
  expect(await sites.reset(shop)).toBe(true);
  expect(sent).toEqual([["DELETE /sites/shop/look", undefined]]);
  expect([shop.form.colour, shop.site.changed_at, shop.isChanged]).toEqual(["", null, false]);
});

test("a preview is asked for when the fingers rest, and once for the same", async () => {
  const { api, sent } = server();
  const preview = new Preview(api);
  const form = lookForm(look());
  const types = (colour: string) => preview.show("shop", { ...form, colour }, "ru");
  types("");
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([["POST /sites/preview", { site: "shop", look: look(), language: "ru" }]]);
  expect(preview.page).toEqual({ look: look() });
  for (const colour of ["#111111", "#222222", "#333333"]) {
    types(colour);
    await vi.advanceTimersByTimeAsync(PREVIEW_AFTER_MS - 1);
  }
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  types("#333333");
  await vi.advanceTimersByTimeAsync(PREVIEW_AFTER_MS);
  expect([sent.length, preview.page]).toEqual([2, { look: look("#333333") }]);
});

test("what is wrong stands at its field once the fingers rest, and goes at once; the server's own words too", async () => {
  const { api, sent, refuses } = server();
  const preview = new Preview(api);
  const form = lookForm(look());
  const types = async (colour: string) => {
    preview.show("shop", { ...form, colour }, "en");
    const { wrong } = preview;
    await vi.advanceTimersByTimeAsync(PREVIEW_AFTER_MS);
    return wrong;
  };
  await types("");
  expect(await types("#12")).toBeNull();
  expect(preview.wrong).toEqual({ field: "colour", key: "look_bad_colour" });
  expect(sent).toHaveLength(1);
  expect(await types("#123456")).toBeNull();

  refuses(refusal('look.colour: "#654321" is not to our taste'));
  await types("#654321");
  expect(preview.refused).toEqual({ field: "colour", text: '"#654321" is not to our taste' });
  refuses({ kind: "unreachable" });
  await types("#654321");
  expect([preview.trouble, preview.refused]).toEqual([{ problem: null, waitSecs: null }, null]);
  refuses(null);
  await types("#654321");
  expect([preview.trouble, preview.page]).toEqual([null, { look: look("#654321") }]);
});
