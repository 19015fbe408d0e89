// @vitest-environment node
import { expect, test } from "vitest";
import type { Opened, Row, Trace, Turn } from "../wire";
import { htmlOf, joinRows, lastSeen, mergeOpened, mergeTurns, newerRow, owesReply, timeline } from "./turns";

const turn = (seq: number, by: Turn["by"], text: string, more: Partial<Turn> = {}): Turn => ({
  seq,
  id: `c.${seq}`,
  rev: 1,
  by,
  kind: "text",
  text,
  at: "2026-03-01T10:00:00Z",
  ...more,
});
const row = (id: string, more: Partial<Row> = {}): Row => ({
  id,
  site: "shop",
  channel: "web",
  language: "en",
  phase: { name: "waiting", since: "2026-03-01T10:00:00Z" },
  need: null,
  last: null,
  customer: { id: "k" },
  owner_epoch: 1,
  tags: [],
  rating: null,
  ...more,
});
const opened = (through: number, turns: Turn[], more: Partial<Opened> = {}): Opened => ({
  conversation: row("c"),
  brief: null,
  turns,
  through,
  traces: [],
  position: null,
  ...more,
});
const texts = (turns: Turn[]) => turns.map(({ text }) => text);

test("a turn that arrives twice is shown once, in order", () => {
  const first = turn(1, "customer", "Where is my refund?");
  const second = turn(2, "bot", "Within five days.");
  expect(texts(mergeTurns([first], [second, first]))).toEqual(["Where is my refund?", "Within five days."]);
  expect(texts(mergeTurns([second], [first]))).toEqual(["Where is my refund?", "Within five days."]);
});

test("an edit keeps its place, and an older revision that comes late changes nothing", () => {
  const said = turn(1, "customer", "Wher is it?");
  const next = turn(2, "agent", "One moment.");
  const edited = { ...said, seq: 3, rev: 2, text: "Where is it?" };
  expect(texts(mergeTurns([said, next], [edited]))).toEqual(["Where is it?", "One moment."]);
  expect(texts(mergeTurns([edited, next], [said]))).toEqual(["Where is it?", "One moment."]);
});

test("an answer that was overtaken adds its turns and leaves the rest alone", () => {
  const mine = row("c", { owner_epoch: 2, phase: { name: "with_agent", since: "2026-03-01T10:01:00Z" } });
  const known = opened(5, [turn(1, "customer", "a"), turn(5, "agent", "reply")], { conversation: mine, position: null });
  const late = opened(3, [turn(1, "customer", "a"), turn(3, "bot", "b")], { position: 4 });
  const merged = mergeOpened(known, late);
  expect(texts(merged.turns)).toEqual(["a", "b", "reply"]);
  expect(merged.conversation).toBe(mine);
  expect(merged.through).toBe(5);
  expect(merged.position).toBeNull();
});

test("another conversation never takes over the turns of the one before", () => {
  const other = opened(1, [turn(1, "customer", "other")], { conversation: row("d") });
  expect(texts(mergeOpened(opened(9, [turn(9, "bot", "mine")]), other).turns)).toEqual(["other"]);
});

test("the later owner wins, between equals what was asked for later", () => {
  const early = row("c", { owner_epoch: 1 });
  const late = row("c", { owner_epoch: 2 });
  expect(newerRow(late, early)).toBe(late);
  expect(newerRow(early, late)).toBe(late);
  const same = row("c", { owner_epoch: 2, rating: 5 });
  expect(newerRow(late, same)).toBe(same);
  expect(newerRow(null, early)).toBe(early);
  expect(newerRow(row("d", { owner_epoch: 9 }), early)).toBe(early);
});

test("a row that moved between two pages is listed once", () => {
  expect(joinRows([[row("a"), row("b")], [row("b"), row("c")]]).map(({ id }) => id)).toEqual(["a", "b", "c"]);
});

const trace = (decision: string): Trace => ({
  decision,
  language: "en",
  confidence: 0.9,
  candidates: [],
  thresholds: { answer_at: 0.6, margin: 0.1, clarify_floor: 0.5, option_at: 0.05 },
  degraded: [],
  knowledge_version: "v",
  timings: { lexical_us: 1, encoder_us: 1, total_us: 2 },
});
const outline = (turns: Turn[], traces: Opened["traces"]) =>
  timeline(turns, traces, (at) => at.slice(0, 10)).map((item) => {
    switch (item.what) {
      case "day":
        return `day ${item.at.slice(0, 10)}`;
      case "turn":
        return `${item.continues ? "+" : ""}${item.turn.text}${item.decided ? ` <- ${item.decided.trace.decision}` : ""}`;
      case "silence":
        return `(${item.decided.trace.decision})`;
    }
  });

test("a decision stands with what it led to, whichever number it carries", () => {
  const turns = [turn(1, "customer", "q"), turn(3, "bot", "a"), turn(4, "customer", "q2"), turn(7, "system", "handed")];
  const expected = ["day 2026-03-01", "q", "a <- answer", "q2", "handed <- hand_off"];
  const numbered = (answer: number, handOff: number) => [
    { seq: answer, trace: trace("answer") },
    { seq: handOff, trace: trace("hand_off") },
  ];
  expect(outline(turns, numbered(2, 5))).toEqual(expected);
  expect(outline(turns, numbered(3, 7))).toEqual(expected);
  expect(outline(turns, numbered(1, 4))).toEqual(expected);
});

test("silence stands alone, even when a notice follows", () => {
  const turns = [turn(1, "customer", "still there?"), turn(3, "system", "Maria has joined.")];
  expect(outline(turns, [{ seq: 2, trace: trace("stay_silent") }])).toEqual([
    "day 2026-03-01",
    "still there?",
    "(stay_silent)",
    "Maria has joined.",
  ]);
});

test("one speaker's turns in a row stand together until a pause, a day or somebody else parts them", () => {
  const at = (time: string) => ({ at: time });
  expect(
    outline(
      [
        turn(1, "customer", "a", at("2026-03-01T10:00:00Z")),
        turn(2, "customer", "b", at("2026-03-01T10:01:00Z")),
        turn(3, "customer", "c", at("2026-03-01T10:20:00Z")),
        turn(4, "agent", "d", { at: "2026-03-01T10:20:30Z", agent: { name: "Maria" } }),
        turn(5, "agent", "e", { at: "2026-03-01T10:20:40Z", agent: { name: "Andrei" } }),
        turn(6, "agent", "f", { at: "2026-03-02T00:00:01Z", agent: { name: "Andrei" } }),
      ],
      [],
    ),
  ).toEqual(["day 2026-03-01", "a", "+b", "c", "d", "e", "day 2026-03-02", "f"]);
});

test("only an answer of the bot and an agent's words to the customer are ever shown as HTML", () => {
  const html = "<p>safe</p>";
  expect(htmlOf(turn(1, "bot", "x", { kind: "answer", html }))).toBe(html);
  expect(htmlOf(turn(1, "bot", "x", { kind: "small_talk", html }))).toBeNull();
  expect(htmlOf(turn(1, "customer", "x", { kind: "answer", html }))).toBeNull();
  expect(htmlOf(turn(1, "customer", "x", { html }))).toBeNull();
  expect(htmlOf(turn(1, "system", "x", { html }))).toBeNull();
  expect(htmlOf(turn(1, "agent", "x", { html }))).toBe(html);
  expect(htmlOf(turn(1, "agent", "x", { html, withdrawn: true }))).toBeNull();
  expect(htmlOf(turn(1, "agent", "x", { kind: "note", html }))).toBeNull();
  expect(htmlOf(turn(1, "bot", "x", { kind: "answer" }))).toBeNull();
});

test("an agent owes a reply when the customer spoke last", () => {
  const check = (name: Row["phase"]["name"], by: Turn["by"], owes: boolean) =>
    expect(owesReply(row("c", { phase: { name, since: "" }, last: { by, text: "?", at: "" } }))).toBe(owes);
  check("with_agent", "customer", true);
  check("with_agent", "agent", false);
  check("waiting", "customer", false);
});

test("the last of my turns that the customer has seen", () => {
  const mine = (seq: number, more: Partial<Turn> = {}) => turn(seq, "agent", "Hello", { agent: { name: "Anna" }, ...more });
  const turns = [turn(1, "customer", "Hi"), mine(2), mine(3, { kind: "note" }), mine(4, { agent: { name: "Boris" } }), mine(5)];
  expect(lastSeen(turns, 1, "Anna")).toBeNull();
  expect(lastSeen(turns, 4, "Anna")?.seq).toBe(2);
  expect(lastSeen(turns, 9, "Anna")?.seq).toBe(5);
});
