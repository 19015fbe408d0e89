import { expect, test } from "vitest";
import { CallFailed, type CallOptions, type Failure } from "../../shared/api";
import { KnowledgeApi, type Article, type DrawnAnswer, type ProposedPhrase } from "../knowledge_api";
import { KnowledgeDesk } from "./knowledge.svelte";

const problem = (status: number): Failure => ({ kind: "problem", problem: { status, code: `http_${status}` }, retryAfterSecs: null });
const drawn = (id: string): DrawnAnswer => ({
  id,
  conversation: "c",
  question: "where is it",
  language: "en",
  answer: { seq: 2, id, rev: 1, by: "bot", kind: "answer", text: "There.", at: "" },
  candidates: [],
  drawn_at: "2026-03-01T09:00:00Z",
});
const proposed = (id: string): ProposedPhrase => ({
  id,
  conversation: "c",
  article: "refund-late",
  title: "My refund has not arrived",
  language: "en",
  text: `where is my money ${id}`,
  judged_at: "2026-03-01T09:00:00Z",
});

/** A server that holds each answer until it is let go, where `held`, and refuses paths as it is told. */
function server({ waiting = ["a", "b"], phrases = ["p", "q"], isLead = true } = {}) {
  const calls: [path: string, body: unknown][] = [];
  const refused = new Map<string, Failure>();
  const held = new Map<string, Promise<void>>();
  const left = new Set(waiting);
  const toReview = new Set(phrases);
  const ask = async (path: string, options?: CallOptions): Promise<unknown> => {
    calls.push([path, options?.body]);
    await held.get(path);
    const failure = refused.get(path);
    if (failure) throw new CallFailed(failure);
    if (path === "/articles") {
      const titles = [{ language: "en", title: "Where is my order?" }];
      return { articles: [{ id: "order-status", titles }], languages: ["en"] };
    }
    if (path.startsWith("/articles/")) return { id: path, language: "en", title: path, html: "", phrases: [], languages: [] };
    if (path === "/try") return { trace: {}, answer: "There.", options: [] };
    if (path === "/confidence") return { knowledge_version: "0" };
    if (path.startsWith("/to_judge?")) return { answers: [...left].map(drawn) };
    if (path === "/phrases") return { proposed: [...toReview].map(proposed), taught: [] };
    if (path.startsWith("/phrases/")) {
      toReview.delete(path.slice("/phrases/".length));
      return {};
    }
    left.delete(path.slice("/to_judge/".length));
    return { question: 1 };
  };
  /** Answers to this path wait until the returned function is called. */
  const hold = (path: string): (() => void) => {
    let letGo = () => {};
    held.set(path, new Promise((resolve) => (letGo = resolve)));
    return letGo;
  };
  const desk = new KnowledgeDesk(new KnowledgeApi(ask as <T>(path: string, options?: CallOptions) => Promise<T>), isLead);
  return { desk, calls, refused, hold, left, toReview, paths: () => calls.map(([path]) => path) };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));
const ids = (desk: KnowledgeDesk) => desk.drawn.value?.map(({ id }) => id);
const reviewed = (desk: KnowledgeDesk) => [desk.phrases.value?.proposed.map(({ id }) => id), desk.phrases.value?.taught.map(({ id }) => id)];

test("everything loads, each part with its own standing; only leads are asked to judge and to review", async () => {
  const { desk, refused } = server();
  refused.set("/confidence", problem(503));
  const loading = desk.load();
  expect([desk.articles.standing, desk.confidence.standing, desk.drawn.standing]).toEqual(["loading", "loading", "loading"]);
  await loading;
  expect([desk.articles.standing, desk.confidence.standing, desk.drawn.standing]).toEqual(["ready", "failed", "ready"]);
  refused.clear();
  await desk.confidence.retry();
  expect(desk.confidence.standing).toBe("ready");

  const agent = server({ isLead: false });
  await agent.desk.load();
  expect(agent.paths()).toEqual(["/articles", "/confidence"]);
});

test("what is shown stays when fetching it again fails", async () => {
  const { desk, refused } = server();
  await desk.load();
  refused.set("/articles", { kind: "unreachable" });
  await desk.load();
  expect([desk.articles.standing, desk.articles.value?.languages]).toEqual(["ready", ["en"]]);
});

test("the article that was chosen last is shown, whichever comes last", async () => {
  const { desk, hold, paths } = server();
  const letGo = hold("/articles/slow%20one?language=zh-Hans");
  const slow = desk.open("slow one", "zh-Hans");
  await desk.open("quick", "en");
  letGo();
  await slow;
  expect(desk.article.value?.title).toBe("/articles/quick?language=en");
  await desk.open("quick", "en");
  expect(paths()).toHaveLength(2);
});

test("an article that did not come leaves no other in its place, and can be asked for again", async () => {
  const { desk, refused } = server();
  await desk.open("a", "en");
  refused.set("/articles/a?language=ru", { kind: "timeout" });
  await desk.open("a", "ru");
  expect([desk.article.standing, desk.article.value]).toEqual(["failed", null]);
  refused.clear();
  await desk.open("a", "ru");
  expect(desk.article.standing).toBe("ready");
});

test("a question is tried out trimmed, with its language only where one is chosen", async () => {
  const { desk, calls } = server();
  expect(desk.tryOut("   ", null)).toBe(false);
  expect(desk.tryOut(" where is it ", null)).toBe(true);
  desk.tryOut("где он", "ru");
  await settled();
  expect(calls).toEqual([
    ["/try", { question: "where is it" }],
    ["/try", { question: "где он", language: "ru" }],
  ]);
  expect(desk.tried.value?.answer).toBe("There.");
});

test("judging goes on to the next, and asks for more after the last", async () => {
  const { desk, calls, left } = server();
  await desk.load();
  left.add("c");
  expect(await desk.judge(drawn("a"), "refund-time")).toBe("kept");
  expect(ids(desk)).toEqual(["b"]);
  expect(await desk.judge(drawn("b"), null)).toBe("kept");
  await settled();
  expect(ids(desk)).toEqual(["c"]);
  expect(calls.filter(([, body]) => body)).toEqual([
    ["/to_judge/a", { article: "refund-time" }],
    ["/to_judge/b", { article: null }],
  ]);
});

test("one judgement at a time; a refused one changes nothing; what is gone goes", async () => {
  const { desk, refused, hold } = server();
  await desk.load();
  const letGo = hold("/to_judge/a");
  refused.set("/to_judge/a", { kind: "unreachable" });
  const first = desk.judge(drawn("a"), null);
  expect(await desk.judge(drawn("b"), null)).toBe("busy");
  letGo();
  expect(await first).toBe("failed");
  expect(ids(desk)).toEqual(["a", "b"]);
  refused.set("/to_judge/a", problem(404));
  expect(await desk.judge(drawn("a"), null)).toBe("gone");
  expect(ids(desk)).toEqual(["b"]);
});

test("a list that was on its way does not bring back what was judged", async () => {
  const { desk, hold, left } = server();
  await desk.load();
  const letGo = hold("/to_judge?limit=20");
  const again = desk.loadDrawn();
  await desk.judge(drawn("a"), null);
  left.add("a");
  letGo();
  await again;
  expect(ids(desk)).toEqual(["b"]);
});

test("skipping puts the first one last", async () => {
  const { desk } = server();
  await desk.load();
  desk.skip();
  expect(ids(desk)).toEqual(["b", "a"]);
});

test("what is accepted is taught, as it was changed, perhaps for another article", async () => {
  const { desk, calls } = server();
  await desk.load();
  expect(await desk.teach(proposed("p"), "refund-late", "where is my money")).toEqual({ name: "kept" });
  expect(reviewed(desk)).toEqual([["q"], ["p"]]);
  expect(desk.phrases.value?.taught[0]).toMatchObject({ title: "My refund has not arrived", text: "where is my money", is_exported: false });
  await desk.teach(proposed("q"), "order-status", "where is it");
  expect(desk.phrases.value?.taught[0]).toMatchObject({ article: "order-status", title: "Where is my order?" });
  expect(calls.filter(([, body]) => body)).toEqual([
    ["/phrases/p", { article: "refund-late", text: "where is my money" }],
    ["/phrases/q", { article: "order-status", text: "where is it" }],
  ]);
});

test("what was taught can be taught otherwise", async () => {
  const { desk } = server();
  await desk.load();
  await desk.teach(proposed("p"), "refund-late", "where is my money");
  expect(await desk.teach(desk.phrases.value!.taught[0]!, "order-status", "where is it")).toEqual({ name: "kept" });
  expect(desk.phrases.value?.taught.map(({ id, article, text }) => [id, article, text])).toEqual([["p", "order-status", "where is it"]]);
  expect(reviewed(desk)).toEqual([["q"], ["p"]]);
});

test("an article's taught phrases stand apart from its file's, and what was taken back can be put back", async () => {
  const { desk } = server();
  await desk.load();
  const article: Article = { id: "refund-late", language: "en", title: "", html: "", phrases: ["my refund", "where is my money"], languages: [] };
  const texts = () => {
    const { inFile, taught } = desk.phrasesOf(article);
    return [inFile, taught.map(({ text }) => text)];
  };
  expect(texts()).toEqual([["my refund", "where is my money"], []]);
  await desk.teach(proposed("p"), "refund-late", "where is my money");
  expect(texts()).toEqual([["my refund"], ["where is my money"]]);
  const phrase = desk.phrases.value!.taught[0]!;
  await desk.reject(phrase);
  // The server forgets it within seconds; the article that was fetched before still has it.
  expect(texts()).toEqual([["my refund"], []]);
  await desk.teach(phrase, phrase.article, phrase.text);
  expect(texts()).toEqual([["my refund"], ["where is my money"]]);
  await desk.teach(phrase, "order-status", "where is it");
  expect(texts()).toEqual([["my refund"], []]);
});

test("what is rejected goes, what was taught is taken back", async () => {
  const { desk } = server({ phrases: ["p", "q", "r"] });
  await desk.load();
  expect(await desk.reject(proposed("p"))).toEqual({ name: "kept" });
  await desk.teach(proposed("q"), "refund-late", "where is my money");
  expect(reviewed(desk)).toEqual([["r"], ["q"]]);
  expect(await desk.reject(desk.phrases.value!.taught[0]!)).toEqual({ name: "kept" });
  expect(reviewed(desk)).toEqual([["r"], []]);
});

test("a refused decision changes nothing and says why; what is gone goes; one decision at a time about each", async () => {
  const { desk, refused, hold } = server();
  await desk.load();
  const bad = { status: 422, code: "bad_input", detail: "text: must have 1 to 300 characters" };
  refused.set("/phrases/p", { kind: "problem", problem: bad, retryAfterSecs: null });
  const letGo = hold("/phrases/p");
  const first = desk.teach(proposed("p"), "refund-late", "x");
  expect(await desk.reject(proposed("p"))).toEqual({ name: "busy" });
  letGo();
  expect(await first).toEqual({ name: "failed", problem: bad });
  refused.set("/phrases/p", { kind: "timeout" });
  expect(await desk.reject(proposed("p"))).toEqual({ name: "failed", problem: null });
  // A server that does not know the way does not say that the phrase is gone.
  refused.set("/phrases/p", problem(404));
  expect(await desk.reject(proposed("p"))).toMatchObject({ name: "failed" });
  expect(reviewed(desk)).toEqual([["p", "q"], []]);
  refused.set("/phrases/p", { kind: "problem", problem: { status: 404, code: "unknown_phrase" }, retryAfterSecs: null });
  expect(await desk.reject(proposed("p"))).toEqual({ name: "gone" });
  expect(reviewed(desk)).toEqual([["q"], []]);
});

test("a list that a decision overtook is asked for again; so are more phrases after the last", async () => {
  const { desk, hold, toReview, paths } = server();
  await desk.load();
  const letGo = hold("/phrases");
  const again = desk.loadPhrases();
  await desk.reject(proposed("p"));
  const nAsked = paths().filter((path) => path === "/phrases").length;
  letGo();
  await again;
  expect(paths().filter((path) => path === "/phrases")).toHaveLength(nAsked + 1);
  expect(reviewed(desk)).toEqual([["q"], []]);
  toReview.add("r");
  await desk.reject(proposed("q"));
  await settled();
  expect(reviewed(desk)).toEqual([["r"], []]);
});

test("another article than the bot's brings its words to review", async () => {
  const { desk, toReview } = server();
  await desk.load();
  toReview.add("a");
  await desk.judge(drawn("a"), "refund-late");
  await settled();
  expect(reviewed(desk)[0]).toEqual(["p", "q", "a"]);
});
