import { expect, test, vi } from "vitest";
import { CallFailed } from "../../shared/api";
import type { DeskApi } from "../desk_api";
import type { Opened, Row, SavedView } from "../wire";
import { OpenConversation } from "./conversation.svelte";
import { ConversationList } from "./list.svelte";

const row = (id: string, owner_epoch = 1, name: Row["phase"]["name"] = "waiting"): Row => ({
  id,
  site: "shop",
  channel: "web",
  language: null,
  phase: { name, since: "" },
  need: null,
  last: null,
  customer: { id: "k" },
  owner_epoch,
  rating: null,
  tags: [],
});
const opened = (id: string, through = 1, owner_epoch = 1): Opened => ({
  conversation: row(id, owner_epoch),
  brief: null,
  turns: [{ seq: 1, id: `${id}.1`, rev: 1, by: "customer", kind: "text", text: id, at: "" }],
  through,
  traces: [],
  position: null,
});
const refusal = (status: number, code: string, more: object = {}) =>
  new CallFailed({ kind: "problem", problem: { status, code, ...more }, retryAfterSecs: null });
const open = (api: Partial<DeskApi>) => new OpenConversation(api as DeskApi, vi.fn(), vi.fn());

test("who loses the claim hears who won, and sees the conversation as it is now", async () => {
  const fetch = vi.fn(async (id: string) => opened(id));
  const conversation = open({
    open: fetch,
    act: async () => {
      throw refusal(409, "already_claimed", { agent: { id: "a", name: "Andrei" } });
    },
  });
  conversation.show("c");
  expect(await conversation.act("claim")).toBeNull();
  expect(conversation.notice).toMatchObject({ name: "refused", why: "already_claimed", agent: "Andrei" });
  expect(fetch).toHaveBeenCalledTimes(2);
});

test("an answer for the conversation before does not show in this one", async () => {
  const answers = new Map<string, (opened: Opened) => void>();
  const conversation = open({ open: (id) => new Promise((resolve) => answers.set(id, resolve)) });
  conversation.show("slow");
  conversation.show("quick");
  answers.get("quick")!(opened("quick"));
  answers.get("slow")!(opened("slow"));
  await vi.waitFor(() => expect(conversation.opened?.conversation.id).toBe("quick"));
  conversation.show("slow");
  // What came late was worth keeping: it opens at once.
  expect(conversation.opened?.conversation.id).toBe("slow");
});

test("a claim that worked is not undone by an answer from before it", async () => {
  let answer: (opened: Opened) => void = () => {};
  const conversation = open({
    open: () => new Promise((resolve) => (answer = resolve)),
    act: async () => ({ conversation: row("c", 2, "with_agent") }),
  });
  conversation.show("c");
  answer(opened("c", 1, 1));
  await vi.waitFor(() => expect(conversation.opened).not.toBeNull());
  const before = conversation.refresh();
  const answerBefore = answer;
  await conversation.act("claim");
  answerBefore(opened("c", 1, 1));
  await before;
  expect(conversation.opened?.conversation.phase.name).toBe("with_agent");
});

test("tags change one after the other, and a look from before does not undo them", async () => {
  let tags: string[] = [];
  const calls: string[][] = [];
  let look: (opened: Opened) => void = () => {};
  const tagged = (id: string) => ({ ...row(id), tags });
  const changed = vi.fn();
  const api = {
    open: vi.fn(async (id: string) => ({ ...opened(id), conversation: tagged(id) })),
    tag: async (id: string, add: readonly string[], remove: readonly string[]) => {
      calls.push([...add, ...remove.map((tag) => `-${tag}`)]);
      // The first answer takes longer than the second would.
      await new Promise((done) => setTimeout(done, calls.length === 1 ? 20 : 1));
      tags = [...tags.filter((tag) => !remove.includes(tag)), ...add].sort();
      return { conversation: tagged(id) };
    },
  };
  const conversation = new OpenConversation(api as unknown as DeskApi, changed, vi.fn());
  conversation.show("c");
  await vi.waitFor(() => expect(conversation.opened).not.toBeNull());
  // Somebody looks before the tags change; the answer comes after.
  api.open.mockImplementationOnce(() => new Promise((resolve) => (look = resolve)));
  const before = conversation.refresh();
  const both = [conversation.tag({ add: ["vip", "late"] }), conversation.tag({ remove: ["late"] })];
  expect(await Promise.all(both)).toEqual([true, true]);
  expect(calls).toEqual([["vip", "late"], ["-late"]]);
  expect(conversation.opened?.conversation.tags).toEqual(["vip"]);
  expect(changed).toHaveBeenLastCalledWith(expect.objectContaining({ id: "c", tags: ["vip"] }));
  look(opened("c"));
  await before;
  expect(conversation.opened?.conversation.tags).toEqual(["vip"]);
});

test("tags that were refused say why; those of another conversation stay there", async () => {
  const answers = [refusal(409, "too_many_tags"), new CallFailed({ kind: "unreachable" }), refusal(409, "too_many_tags")];
  const conversation = open({
    open: async (id) => opened(id),
    tag: async (id) => {
      const failure = answers.shift();
      if (failure) throw failure;
      return { conversation: { ...row(id), tags: ["vip"] } };
    },
  });
  conversation.show("c");
  await vi.waitFor(() => expect(conversation.opened).not.toBeNull());
  expect(await conversation.tag({ add: ["x"] })).toBe(false);
  expect(conversation.notice).toMatchObject({ name: "refused", why: "too_many_tags" });
  expect(await conversation.tag({ add: ["x"] })).toBe(false);
  expect(conversation.notice).toEqual({ name: "failed" });
  conversation.show("d");
  expect(await conversation.tag({ add: ["x"] }, "c")).toBe(false);
  expect(conversation.notice).toBeNull();
  expect(await conversation.tag({ add: ["vip"] }, "c")).toBe(true);
  await vi.waitFor(() => expect(conversation.opened?.conversation.id).toBe("d"));
  expect(conversation.opened?.conversation.tags).toEqual([]);
});

test("what is gone says so, what could not be loaded can be tried again", async () => {
  const gone = open({ open: async () => Promise.reject(refusal(404, "unknown_conversation")) });
  gone.show("c");
  await vi.waitFor(() => expect(gone.trouble).toBe("gone"));
  const away = open({ open: async () => Promise.reject(new CallFailed({ kind: "unreachable" })) });
  away.show("c");
  await vi.waitFor(() => expect(away.trouble).toBe("failed"));
});

/** Three rows a page, numbered from the cursor. */
function pages(total: number, size: number) {
  const calls: (string | null)[] = [];
  const list = async (_view: string, cursor: string | null) => {
    calls.push(cursor);
    const from = Number(cursor ?? 0);
    const rows = Array.from({ length: Math.min(size, total - from) }, (_, i) => row(`c_${from + i}`));
    const next = from + size < total ? String(from + size) : null;
    return { conversations: rows, next, counts: { mine: 0, waiting: total, bot: 0, resolved: 0 } };
  };
  return { api: { list } as unknown as DeskApi, calls };
}

test("a refresh keeps as many rows as were shown", async () => {
  const { api, calls } = pages(130, 50);
  const list = new ConversationList(api);
  await list.refresh();
  expect([list.rows.length, list.next, list.counts?.waiting]).toEqual([50, "50", 130]);
  await list.more();
  await list.more();
  expect([list.rows.length, list.next]).toEqual([130, null]);
  calls.length = 0;
  await list.refresh();
  expect([list.rows.length, list.next]).toEqual([130, null]);
  // One call, however far one has scrolled.
  expect(calls).toEqual([null]);
});

test("a refresh drops what left the first page and keeps what stands below it", async () => {
  const { api } = pages(130, 50);
  const list = new ConversationList(api);
  await list.refresh();
  await list.more();
  const fetched = api.list.bind(api);
  // The second row was claimed by somebody, a new one came in front.
  api.list = async (...asked) => {
    const page = await fetched(...asked);
    return { ...page, conversations: [row("c_new"), ...page.conversations.filter(({ id }) => id !== "c_1")] };
  };
  await list.refresh();
  const ids = list.rows.map(({ id }) => id);
  expect([ids.length, ids[0], ids.includes("c_1"), ids.at(-1)]).toEqual([100, "c_new", false, "c_99"]);
  expect(list.next).toBe("100");
});

test("words are looked for in every view and let go with the view; queue and language stay", async () => {
  const asked: unknown[] = [];
  const api = {
    list: async (view: string, _cursor: string | null, filter: object) => {
      asked.push([view, filter]);
      return { conversations: [], next: null, counts: {} };
    },
  } as unknown as DeskApi;
  const list = new ConversationList(api);
  list.narrow({ words: "refund", language: "ru" });
  await vi.waitFor(() => expect(list.standing).toBe("ready"));
  expect(list.isNarrowed).toBe(true);
  list.show("mine");
  expect(asked).toEqual([
    ["waiting", { words: "refund", language: "ru" }],
    ["mine", { language: "ru" }],
  ]);
});

test("a saved view brings its filters and takes them away again", async () => {
  const asked: unknown[] = [];
  const api = {
    list: async (view: string, _cursor: string | null, filter: object) => {
      asked.push([view, filter]);
      return { conversations: [], next: null, counts: {} };
    },
  } as unknown as DeskApi;
  const none = { q: null, queue: null, channel: null, language: null, tag: null };
  const refunds: SavedView = { id: "v", name: "Refunds", is_shared: false, ...none, view: "mine", tag: "refund" };
  const lamps: SavedView = { id: "w", name: "Lamps", is_shared: false, ...none, view: "all", q: "lamp" };
  const list = new ConversationList(api);
  list.narrow({ language: "ru" });
  list.show("mine", refunds);
  list.show("mine", refunds);
  list.narrow({ ...list.filter, queue: "returns" });
  list.again(refunds);
  list.show("waiting", lamps);
  expect(list.saved).toBe(lamps);
  // Back to how one works outside of saved views.
  list.show("waiting");
  expect([list.saved, asked]).toEqual([
    null,
    [
      ["waiting", { language: "ru" }],
      ["mine", { tag: "refund" }],
      ["mine", { tag: "refund", queue: "returns" }],
      ["mine", { tag: "refund" }],
      ["waiting", { words: "lamp" }],
      ["waiting", { language: "ru" }],
    ],
  ]);
  // What was just saved goes with its name, and is not asked for twice.
  list.narrow({ tag: "refund" });
  const before = asked.length;
  list.keptAs({ ...refunds, view: "waiting" });
  list.show("waiting", { ...refunds, view: "waiting" });
  expect(asked).toHaveLength(before);
  list.show("mine");
  expect(asked.at(-1)).toEqual(["mine", {}]);
});

test("an answer for the view before does not fill this one", async () => {
  const answers: (() => void)[] = [];
  const api = {
    list: (view: string) =>
      new Promise((resolve) =>
        answers.push(() => resolve({ conversations: [row(view)], next: null, counts: { mine: 0, waiting: 0, bot: 0, resolved: 0 } })),
      ),
  } as unknown as DeskApi;
  const list = new ConversationList(api);
  const first = list.refresh();
  list.show("mine");
  answers[1]!();
  answers[0]!();
  await first;
  await vi.waitFor(() => expect(list.rows.map(({ id }) => id)).toEqual(["mine"]));
});

test("a failed refresh leaves the rows where they are", async () => {
  const { api } = pages(3, 50);
  const list = new ConversationList(api);
  await list.refresh();
  (api as { list: unknown }).list = async () => Promise.reject(new CallFailed({ kind: "unreachable" }));
  await list.refresh();
  expect([list.standing, list.rows.length]).toEqual(["ready", 3]);
  const empty = new ConversationList(api);
  await empty.refresh();
  expect(empty.standing).toBe("failed");
});
