import { beforeEach, expect, test } from "vitest";
import { CallFailed } from "../../shared/api";
import type { DeskApi, Filter } from "../desk_api";
import type { Me, Opened, Row, SavedView } from "../wire";
import { Desk } from "./desk.svelte";

const me: Me = {
  agent: { id: "maria", name: "Maria", email: "maria@shop.example", role: "agent", has_second_factor: false },
  health: { degraded: [], articles: 0, findings: 0, knowledge_version: "", encoder: null },
  public_url: null,
};
const row = (id: string): Row => ({
  id,
  site: "shop",
  channel: "web",
  language: null,
  phase: { name: "with_agent", since: "", agent: { id: "maria", name: "Maria" } },
  need: null,
  last: null,
  customer: { id: "k" },
  owner_epoch: 1,
  rating: null,
  tags: [],
});
const problem = (status: number, code: string) => new CallFailed({ kind: "problem", problem: { status, code }, retryAfterSecs: null });
const refunds: SavedView = { id: "v", name: "Refunds", is_shared: false, view: "mine", q: null, queue: null, channel: null, language: null, tag: "refund" };

/** A server that tells what it was asked to do, in order, and fails where it is told to. */
function server(failing: Partial<Record<"reply" | "tag", CallFailed>> = {}) {
  const did: string[] = [];
  const lists: [string, Filter][] = [];
  const api = {
    watch: {},
    async reply(_id: string, clientId: string, text: string) {
      if (failing.reply) throw failing.reply;
      did.push(`reply ${text}`);
      return { turn: { seq: 1, id: "t", rev: 1, client_id: clientId, by: "agent", kind: "text", text, at: "" }, through: 1 };
    },
    async note(_id: string, clientId: string, text: string, mentions: readonly string[]) {
      did.push(`note ${text} ${mentions.join()}`);
      return { turn: { seq: 1, id: "t", rev: 1, client_id: clientId, by: "agent", kind: "note", text, at: "" }, through: 1 };
    },
    staff: async () => ({ agents: [{ id: "ann", name: "Ann" }, { id: "ann-2", name: "Ann" }, { id: "maria", name: "Maria" }] }),
    queues: async () => ({ queues: [] }),
    async tag(id: string, add: readonly string[]) {
      if (failing.tag) throw failing.tag;
      did.push(`tag ${id} ${add.join()}`);
      return { conversation: { ...row(id), tags: [...add] } };
    },
    async act(id: string, act: string, body: object) {
      did.push(`${act} ${id} ${JSON.stringify(body)}`);
      return { conversation: row(id) };
    },
    async list(view: string, _cursor: string | null, filter: Filter) {
      lists.push([view, filter]);
      return { conversations: [], next: null, counts: {} };
    },
    open: async (id: string): Promise<Opened> => ({ conversation: row(id), brief: null, turns: [], through: 1, traces: [], position: null }),
    draft: async () => ({ text: "" }),
    keepDraft: async () => {},
    read: async () => {},
    look: async () => ({ agents: [] }),
    views: async () => ({ views: [refunds] }),
    keepView: async (wish: SavedView) => ({ ...wish, id: wish.id ?? "new" }),
    removeView: async () => {},
  };
  const desk = new Desk(api as unknown as DeskApi, me);
  const sends = (text: string, brings = { tags: ["vip", "late"], ends: true }) => {
    desk.replies.setDraft("c", text);
    desk.replies.send("c");
    return desk.bringWhenSent("c", brings);
  };
  return { desk, did, lists, sends };
}

beforeEach(() => {
  localStorage.clear();
  location.hash = "";
});

test("a canned reply is taken, then its tags are put on, then the conversation ends", async () => {
  const { desk, did, sends } = server();
  desk.go({ at: "list", view: "mine", open: "c" });
  const sent = sends("Goodbye");
  // Whatever is looked at by then.
  desk.go({ at: "list", view: "mine", open: "d" });
  await sent;
  expect(did).toEqual(["reply Goodbye", "tag c vip,late", 'resolve c {"outcome":"solved"}']);
});

test("a note calls colleagues even where nobody was known yet when it was written", async () => {
  const { desk, did } = server();
  const writes = async (text: string) => {
    desk.replies.setDraft("note:c", text);
    desk.replies.sendNote("c");
    await desk.replies.settled("c");
  };
  await writes("@Ann and @Maria, look");
  desk.replies.pick("c", "ann-2");
  await writes("@Ann, it is you");
  expect(did).toEqual(["note @Ann and @Maria, look ann", "note @Ann, it is you ann-2"]);
});

test("one that only tags ends nothing, one that only ends tags nothing", async () => {
  const tagging = server();
  await tagging.sends("Hello", { tags: ["vip"], ends: false });
  expect(tagging.did).toEqual(["reply Hello", "tag c vip"]);
  const ending = server();
  await ending.sends("Goodbye", { tags: [], ends: true });
  expect(ending.did).toEqual(["reply Goodbye", 'resolve c {"outcome":"solved"}']);
});

test("a refused reply brings nothing", async () => {
  const { did, sends } = server({ reply: problem(409, "not_yours") });
  await sends("Goodbye");
  expect(did).toEqual([]);
});

test("a reply refused before holds back the end, not the tags of this one", async () => {
  const failing: Parameters<typeof server>[0] = { reply: problem(409, "not_yours") };
  const { did, sends } = server(failing);
  await sends("Hello", { tags: [], ends: false });
  delete failing.reply;
  await sends("Goodbye");
  expect(did).toEqual(["reply Goodbye", "tag c vip,late"]);
});

test("tags that could not be put on leave the conversation open and say why", async () => {
  const { desk, did, sends } = server({ tag: problem(409, "too_many_tags") });
  desk.go({ at: "list", view: "mine", open: "c" });
  await sends("Goodbye");
  expect(did).toEqual(["reply Goodbye"]);
  expect(desk.conversation.notice).toMatchObject({ name: "refused", why: "too_many_tags" });
});

test("a promise to come back leaves the conversation where it is, and says so", async () => {
  const { desk, did } = server();
  desk.go({ at: "list", view: "mine", open: "c" });
  const due_at = "2026-11-24T09:00:00.000Z";
  expect(await desk.act("follow_up", { due_at, note: "Ask the warehouse" })).toMatchObject({ id: "c" });
  expect(did).toEqual([`follow_up c {"due_at":"${due_at}","note":"Ask the warehouse"}`]);
  expect([desk.conversation.notice, location.hash]).toEqual([{ name: "done", act: "follow_up" }, "#/mine/c"]);
});

test("the address of a saved view lists it, once it is known, and every conversation beside it", async () => {
  location.hash = "#/mine?saved=v";
  const { desk, lists } = server();
  desk.follow();
  expect(desk.list.saved).toBeNull();
  await desk.savedViews.load();
  desk.follow();
  expect([desk.list.saved?.id, lists.at(-1)]).toEqual(["v", ["mine", { tag: "refund" }]]);
  desk.go(desk.beside("c"));
  expect([location.hash, desk.list.saved?.id]).toEqual(["#/mine/c?saved=v", "v"]);
  desk.leave();
  expect([location.hash, desk.list.saved?.id]).toEqual(["#/mine?saved=v", "v"]);
  desk.go({ at: "list", view: "mine", open: null });
  expect([location.hash, desk.list.saved, lists.at(-1)]).toEqual(["#/mine", null, ["mine", {}]]);
});

test("what is saved is listed under its name; what is removed is the view that it was in", async () => {
  const { desk, lists } = server();
  desk.go({ at: "list", view: "waiting", open: "c" });
  desk.list.narrow({ words: "lamp" });
  const asked = { q: "lamp", queue: null, channel: null, language: null, tag: null };
  await desk.keepView({ name: "Lamps", is_shared: false, view: "all", ...asked });
  expect([location.hash, desk.list.saved?.name, desk.list.filter]).toEqual(["#/waiting/c?saved=new", "Lamps", { words: "lamp" }]);
  await desk.keepView({ id: "new", name: "All lamps", is_shared: false, view: "all", ...asked });
  expect(desk.list.saved?.name).toBe("All lamps");
  await desk.removeView(desk.list.saved!);
  expect([location.hash, desk.list.saved, lists.at(-1)]).toEqual(["#/waiting/c", null, ["waiting", {}]]);
  // One that is not listed goes without a change of place.
  await desk.removeView(refunds);
  expect(location.hash).toBe("#/waiting/c");
});
