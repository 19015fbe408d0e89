import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CallFailed, type Failure } from "../../shared/api";
import type { DeskApi } from "../desk_api";
import { shelfInMemory, type Shelf } from "../rules/drafts";
import type { Turn } from "../wire";
import { noteKey, Replies } from "./replies.svelte";

/** A server that answers as it is told and stores each client id once. */
function server(...failures: (Failure | "answer lost" | null)[]) {
  const stored = new Map<string, Turn>();
  const calls: string[] = [];
  const api = {
    async reply(_id: string, clientId: string, text: string) {
      calls.push(text);
      const failure = failures.shift() ?? null;
      if (failure && failure !== "answer lost") throw new CallFailed(failure);
      const seq = stored.size + 1;
      const turn: Turn = stored.get(clientId) ?? { seq, id: `c.${seq}`, rev: 1, client_id: clientId, by: "agent", kind: "text", text, at: "" };
      stored.set(clientId, turn);
      if (failure === "answer lost") throw new CallFailed({ kind: "timeout" });
      return { turn, through: turn.seq };
    },
  };
  return { api: api as unknown as DeskApi, calls, texts: () => [...stored.values()].map(({ text }) => text) };
}
const problem = (status: number, code: string, more: object = {}): Failure => ({
  kind: "problem",
  problem: { status, code, ...more },
  retryAfterSecs: null,
});
const desk = (api: DeskApi, shelf: Shelf = shelfInMemory()) => {
  const told = { taken: vi.fn(), refused: vi.fn() };
  return { replies: new Replies(api, shelf, "maria", told), told };
};
const write = (replies: Replies, text: string) => {
  replies.setDraft("c", text);
  return replies.send("c");
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a reply goes out, the draft is empty, the turn is told", async () => {
  const { api, texts } = server();
  const { replies, told } = desk(api);
  expect(write(replies, "  Hello  ")).toBe(true);
  expect(replies.draft("c")).toBe("");
  expect(replies.of("c").map(({ standing }) => standing.name)).toEqual(["sending"]);
  await vi.runAllTimersAsync();
  expect(texts()).toEqual(["Hello"]);
  expect(told.taken).toHaveBeenCalledOnce();
  expect(replies.all).toEqual([]);
});

test("an empty draft is not sent", () => {
  const { replies } = desk(server().api);
  expect(write(replies, "   ")).toBe(false);
});

test("lost answers and a broken server: stored once, in the order of writing", async () => {
  const { api, texts, calls } = server("answer lost", problem(503, "unavailable"), { kind: "unreachable" });
  const { replies } = desk(api);
  write(replies, "first");
  write(replies, "second");
  await vi.runAllTimersAsync();
  expect(texts()).toEqual(["first", "second"]);
  expect(calls).toEqual(["first", "first", "first", "first", "second"]);
  expect(replies.all).toEqual([]);
});

test("a window that closes in the middle goes on in the next one", async () => {
  const shelf = shelfInMemory();
  const before = desk(server({ kind: "unreachable" }).api, shelf).replies;
  write(before, "kept");
  await vi.advanceTimersByTimeAsync(10);
  before.pause();
  const { api, texts } = server();
  const after = desk(api, shelf).replies;
  expect(after.of("c").map(({ text }) => text)).toEqual(["kept"]);
  after.hurry();
  await vi.runAllTimersAsync();
  expect(texts()).toEqual(["kept"]);
  expect(desk(api, shelf).replies.all).toEqual([]);
});

test("a session that ended holds the reply until somebody signs in again", async () => {
  const { api, texts } = server(problem(401, "not_signed_in"));
  const { replies, told } = desk(api);
  write(replies, "held");
  await vi.advanceTimersByTimeAsync(120_000);
  expect(texts()).toEqual([]);
  expect(told.refused).not.toHaveBeenCalled();
  replies.hurry();
  await vi.runAllTimersAsync();
  expect(texts()).toEqual(["held"]);
});

test("a refused reply is kept and its words can go back to the draft", async () => {
  const { api } = server(problem(409, "not_yours", { agent: { id: "a", name: "Andrei" } }));
  const { replies, told } = desk(api);
  write(replies, "too late");
  await vi.runAllTimersAsync();
  expect(told.refused).toHaveBeenCalledWith("c", "not_yours", "Andrei", "not_yours");
  replies.setDraft("c", "typed since");
  replies.backToDraft(replies.of("c")[0]!);
  expect(replies.draft("c")).toBe("typed since\n\ntoo late");
  expect(replies.all).toEqual([]);
});

test("a note calls whom it names when it goes out, and keeps its words and whom one picked where the server says no", async () => {
  const sent: [string, readonly string[]][] = [];
  const refusals = [problem(422, "bad_input", { detail: "mentions: Ann does not work in the queue of this conversation" })];
  const api = {
    async note(_id: string, clientId: string, text: string, mentions: readonly string[]) {
      sent.push([text, mentions]);
      const refusal = refusals.shift();
      if (refusal) throw new CallFailed(refusal);
      return { turn: { seq: 1, id: "c.1", rev: 1, client_id: clientId, by: "agent", kind: "note", text, at: "" }, through: 1 };
    },
  };
  const { replies, told } = desk(api as unknown as DeskApi);
  replies.called = async (text, picked) => [...(text.includes("@Ann") ? ["ann"] : []), ...picked];
  const note = () => {
    replies.setDraft(noteKey("c"), "Look, @Ann");
    replies.sendNote("c");
    return vi.runAllTimersAsync();
  };
  replies.pick("c", "ann-2");
  replies.pick("c", "ann-2");
  await note();
  expect(told.refused).toHaveBeenCalledWith("c", "bad_input", null, "mentions: Ann does not work in the queue of this conversation");
  const [refused] = replies.of("c");
  expect(refused!.standing).toMatchObject({ name: "refused", why: "other", detail: "mentions: Ann does not work in the queue of this conversation" });
  replies.backToDraft(refused!);
  expect(replies.draft(noteKey("c"))).toBe("Look, @Ann");
  await note();
  // Who was picked for one note is not called by the next.
  await note();
  expect(sent.map(([, mentions]) => mentions)).toEqual([["ann", "ann-2"], ["ann", "ann-2"], ["ann"]]);
});

test("a turn in the transcript ends the waiting for its acknowledgement", async () => {
  const { api } = server("answer lost");
  const { replies } = desk(api);
  write(replies, "hello");
  await vi.advanceTimersByTimeAsync(10);
  const [reply] = replies.all;
  replies.seen([{ seq: 1, id: "c.1", rev: 1, client_id: reply!.clientId, by: "agent", kind: "text", text: "hello", at: "" }]);
  expect(replies.all).toEqual([]);
});

test("drafts survive the window, each conversation its own", () => {
  const shelf = shelfInMemory();
  const { replies } = desk(server().api, shelf);
  replies.setDraft("c", "one");
  replies.setDraft("d", "two");
  replies.setDraft("d", "");
  const again = desk(server().api, shelf).replies;
  expect([again.draft("c"), again.draft("d")]).toEqual(["one", ""]);
});

test("what sending a draft brings is kept with its words, goes with them, and is gone once they are sent", async () => {
  const shelf = shelfInMemory();
  const { replies } = desk(server().api, shelf);
  const vip = { tags: ["vip"], ends: true };
  const afterReload = () => desk(server().api, shelf).replies;
  replies.setDraft("c", "Goodbye");
  replies.bring("c", vip);
  replies.setDraft("c", "Goodbye!");
  expect([replies.brings("c"), replies.brings("d")]).toEqual([vip, null]);
  expect([afterReload().draft("c"), afterReload().brings("c")]).toEqual(["Goodbye!", vip]);
  replies.bring("c", { tags: [], ends: false });
  expect([afterReload().draft("c"), afterReload().brings("c")]).toEqual(["Goodbye!", null]);

  replies.bring("c", vip);
  replies.setDraft("c", " ");
  replies.setDraft("c", "Hello again");
  expect([replies.brings("c"), afterReload().brings("c")]).toEqual([null, null]);

  replies.bring("c", vip);
  replies.send("c");
  expect([replies.brings("c"), afterReload().brings("c")]).toEqual([null, null]);
  await vi.runAllTimersAsync();
});

test("a draft that an older console kept is still there", () => {
  const shelf = shelfInMemory();
  shelf.setItem("firstline.draft.maria.c", JSON.stringify({ at: 1, value: "Hello" }));
  const { replies } = desk(server().api, shelf);
  expect([replies.draft("c"), replies.brings("c")]).toEqual(["Hello", null]);
});
