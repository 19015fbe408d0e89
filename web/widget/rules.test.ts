import { describe, expect, it } from "vitest";
import type { Failure, Turn } from "../shared/api";
import * as rules from "./rules";
import type { State } from "./rules";
import { page, phase, turn } from "./testing/turns";

const NOW = Date.parse("2026-03-02T10:00:30Z");
const UNREACHABLE: Failure = { kind: "unreachable" };

const problem = (status: number, code: string, retryAfterSecs: number | null = null, more: object = {}): Failure => ({
  kind: "problem",
  problem: { status, code, ...more },
  retryAfterSecs,
});

const fresh = () => rules.resume(null, []);
const texts = (state: State) => state.turns.map((t) => t.text);
const unsent = (state: State) => state.pending.map((p) => (p.deed.does === "says" ? p.deed.text : p.deed.does));

/** A conversation that the server knows as `c1`. */
function begun(): State {
  const opening = rules.setsOut(rules.names(fresh(), "begin-1"), rules.OPENING);
  return rules.opened(opening, { conversation: "c1", token: "secret", turns: [], phase: phase("with_bot") });
}

/** What `next` would send, and marks it as under way. */
function sends(state: State): State {
  const step = rules.next(state, NOW);
  if (step.do !== "send") throw new Error(`nothing to send: ${step.do}`);
  return rules.setsOut(state, step.pending.clientId);
}

describe("merging", () => {
  const check = (name: string, known: Turn[], incoming: Turn[], expected: string[]) =>
    it(name, () => expect(rules.merge(known, incoming).map((t) => `${t.seq} ${t.text}`)).toEqual(expected));

  const [one, two, three] = [turn(1, "customer", "one"), turn(2, "bot", "two"), turn(3, "agent", "three")];
  check("puts turns in the order of their numbers", [], [three, one, two], ["1 one", "2 two", "3 three"]);
  check("fills a hole", [one, three], [two], ["1 one", "2 two", "3 three"]);
  check("keeps one of the same turn", [one, two], [one, two, two], ["1 one", "2 two"]);
  check("takes a higher revision and leaves it in its place", [one, two], [{ ...one, seq: 9, rev: 2, text: "one, edited" }], ["1 one, edited", "2 two"]);
  check("does not go back to a lower revision", [{ ...one, rev: 3, text: "edited" }], [one], ["1 edited"]);
  it("gives back the same list when nothing came", () => {
    const known = [one];
    expect(rules.merge(known, [])).toBe(known);
  });
});

describe("where to resume", () => {
  it("moves with pages that were asked for with it, over numbers that the customer never sees", () => {
    const state = rules.receives(begun(), page([turn(1, "customer", "hi"), turn(4, "bot", "hello")], 6));
    expect(state.through).toBe(6);
  });

  it("does not move with the answer to a deed, whose turns may stand after one that was not seen yet", () => {
    let state = sends(rules.says(rules.receives(begun(), page([], 5)), "a", "hi", NOW));
    state = rules.acknowledged(state, "c1", "a", { turns: [turn(8, "system", "a notice")], through: 9, phase: phase("waiting") });
    expect(state.through).toBe(5);
    expect(state.phase?.name).toBe("waiting");
  });

  it("does not go back", () => {
    const state = rules.receives(rules.receives(begun(), page([], 9)), page([], 3));
    expect(state.through).toBe(9);
  });
});

describe("the phase", () => {
  it("is not taken from an answer that a newer frame has overtaken", () => {
    let state = sends(rules.says(begun(), "a", "a person please", NOW));
    state = rules.receives(state, page([turn(1, "customer", "a person please", { client_id: "a" })], 4, phase("waiting")));
    state = rules.acknowledged(state, "c1", "a", { turn: turn(1, "customer", "a person please", { client_id: "a" }), replies: [], phase: phase("with_bot") });
    expect(state.phase?.name).toBe("waiting");
  });

  it("may have an earlier beginning than the one before: an agent who releases does not restart the clock", () => {
    let state = rules.receives(begun(), page([], 5, phase("with_agent", { since: "2026-03-02T10:05:00Z" })));
    state = rules.receives(state, page([], 6, phase("waiting", { since: "2026-03-02T10:01:00Z" }), { queue: { position: 1, expected_wait_secs: null } }));
    expect(state.phase?.name).toBe("waiting");
    expect(state.queue?.position).toBe(1);
  });

  it("takes the place in line along, and drops it when the waiting ends", () => {
    let state = rules.receives(begun(), page([], 2, phase("waiting"), { queue: { position: 3, expected_wait_secs: 90 } }));
    state = rules.receives(state, page([], 3, phase("waiting")));
    expect(state.queue).toEqual({ position: 3, expected_wait_secs: 90 });
    state = rules.receives(state, page([], 4, phase("with_agent")));
    expect(state.queue).toBeNull();
  });
});

describe("what was typed", () => {
  it("makes a conversation first, then is sent one at a time, in order", () => {
    let state = rules.says(rules.says(fresh(), "a", "first", NOW), "b", "second", NOW);
    expect(rules.next(state, NOW)).toEqual({ do: "open" });
    state = rules.setsOut(rules.names(state, "begin-1"), rules.OPENING);
    expect(rules.next(state, NOW)).toEqual({ do: "rest" });
    state = rules.opened(state, { conversation: "c1", token: "secret", turns: [], phase: phase("with_bot") });
    state = sends(state);
    expect(state.sending).toBe("a");
    expect(rules.next(state, NOW)).toEqual({ do: "rest" });
    state = rules.acknowledged(state, "c1", "a", { turn: turn(1, "customer", "first", { client_id: "a" }), replies: [turn(2, "bot", "answer")], phase: phase("with_bot") });
    expect(unsent(state)).toEqual(["second"]);
    expect(sends(state).sending).toBe("b");
  });

  it("keeps its order when the clock goes back between two texts", () => {
    const state = rules.says(rules.says(fresh(), "a", "first", NOW), "b", "second", NOW - 60_000);
    expect(unsent(rules.resume(null, [...state.pending].reverse()))).toEqual(["first", "second"]);
  });

  it("is settled by the socket before its own answer comes, and is not shown twice", () => {
    let state = sends(rules.says(begun(), "a", "hi", NOW));
    const said = turn(1, "customer", "hi", { client_id: "a" });
    state = rules.receives(state, page([said], 1));
    expect(unsent(state)).toEqual([]);
    expect(state.sending).toBeNull();
    state = rules.acknowledged(state, "c1", "a", { turn: said, replies: [turn(2, "bot", "hello")], phase: phase("with_bot") });
    expect(texts(state)).toEqual(["hi", "hello"]);
  });

  it("is trimmed, and nothing is no text", () => {
    expect(unsent(rules.says(fresh(), "a", "  hi \n", NOW))).toEqual(["hi"]);
    expect(rules.says(fresh(), "a", " \n ", NOW).pending).toEqual([]);
  });

  it("is counted as the server counts: in characters, not in UTF-16 units", () => {
    expect(rules.countChars("𠮷𠮷👍")).toBe(3);
    expect(rules.canSay(fresh(), "𠮷".repeat(rules.MAX_TEXT_CHARS))).toBe(true);
    expect(rules.canSay(fresh(), "x".repeat(rules.MAX_TEXT_CHARS + 1))).toBe(false);
  });

  it("stays in the field when too much is unsent", () => {
    let state = fresh();
    for (let i = 0; i < rules.MAX_PENDING; i++) state = rules.says(state, `${i}`, `text ${i}`, NOW);
    expect(rules.canSay(state, "one more")).toBe(false);
    expect(rules.says(state, "x", "one more", NOW)).toBe(state);
  });
});

describe("a failed sending", () => {
  it("is repeated with the same client id, later and later", () => {
    let state = sends(rules.says(begun(), "a", "hi", NOW));
    state = rules.failed(state, "a", UNREACHABLE, NOW, 1);
    expect(rules.next(state, NOW)).toEqual({ do: "wait", ms: 1_000 });
    expect(rules.next(state, NOW + 1_000)).toMatchObject({ do: "send", pending: { clientId: "a" } });
    state = rules.failed(rules.setsOut(state, "a"), "a", { kind: "timeout" }, NOW, 1);
    expect(rules.next(state, NOW)).toEqual({ do: "wait", ms: 2_000 });
  });

  it("never waits beyond the longest, nor all at one instant", () => {
    expect(rules.retryMs(40, 1)).toBe(rules.LONGEST_RETRY_MS);
    expect(rules.retryMs(40, 0)).toBe(rules.LONGEST_RETRY_MS / 2);
  });

  const waits = (failure: Failure) => {
    const state = rules.failed(sends(rules.says(begun(), "a", "hi", NOW)), "a", failure, NOW, 0);
    const step = rules.next(state, NOW);
    return { ms: step.do === "wait" ? step.ms : null, busy: state.retry?.busy };
  };
  it("waits as long as the server asks", () => {
    expect(waits(problem(429, "too_many_requests", 20))).toEqual({ ms: 20_000, busy: true });
    expect(waits(problem(503, "unavailable", 5))).toEqual({ ms: 5_000, busy: true });
    expect(waits(problem(503, "unavailable"))).toEqual({ ms: 500, busy: true });
    expect(waits(problem(500, "internal"))).toEqual({ ms: 500, busy: false });
    expect(waits(problem(404, "http_404"))).toEqual({ ms: 500, busy: false });
  });

  it("is tried at once when the customer says so", () => {
    const state = rules.failed(sends(rules.says(begun(), "a", "hi", NOW)), "a", problem(503, "unavailable", 60), NOW, 0);
    expect(rules.next(rules.retriesNow(state, NOW), NOW).do).toBe("send");
  });

  it("keeps the conversation's client id when the conversation could not be made", () => {
    let state = rules.says(fresh(), "a", "hi", NOW);
    state = rules.failed(rules.setsOut(rules.names(state, "begin-1"), rules.OPENING), rules.OPENING, UNREACHABLE, NOW, 0);
    expect(state.clientId).toBe("begin-1");
    expect(rules.next(state, NOW + 500)).toEqual({ do: "open" });
    expect(rules.names(state, "begin-2").clientId).toBe("begin-1");
  });

  it("that is not under way any more changes nothing", () => {
    const state = rules.says(begun(), "a", "hi", NOW);
    expect(rules.failed(state, "a", UNREACHABLE, NOW, 0)).toBe(state);
  });
});

describe("a refusal", () => {
  const tooLong = problem(422, "text_too_long", null, { limit: 4000 });

  it("keeps the text with its limit, and lets the next one pass", () => {
    let state = rules.says(rules.says(begun(), "a", "much too long", NOW), "b", "short", NOW);
    state = rules.failed(sends(state), "a", tooLong, NOW, 0);
    expect(state.pending[0]?.refused).toEqual({ code: "text_too_long", limit: 4000 });
    expect(sends(state).sending).toBe("b");
  });

  it("can be taken back for editing", () => {
    const state = rules.failed(sends(rules.says(begun(), "a", "long", NOW)), "a", tooLong, NOW, 0);
    expect(rules.withdraws(state, "a").pending).toEqual([]);
  });

  it("of a judgement that came too late is silent", () => {
    let state = rules.judges(rules.receives(begun(), page([turn(2, "bot", "answer", { kind: "answer" })], 2)), "j", 2, true, NOW);
    state = rules.failed(sends(state), "j", problem(409, "no_such_answer"), NOW, 0);
    expect(state.pending).toEqual([]);
    expect(state.retry).toBeNull();
  });
});

describe("a conversation that the server no longer knows", () => {
  const talked = () => rules.receives(begun(), page([turn(1, "customer", "old"), turn(2, "bot", "answer")], 2));

  it.each([problem(401, "bad_token"), problem(404, "unknown_conversation")])("is begun anew with the text: %o", (failure) => {
    let state = sends(rules.says(rules.says(talked(), "a", "new", NOW), "b", "newer", NOW));
    state = rules.failed(state, "a", failure, NOW, 0);
    expect(state).toMatchObject({ held: null, clientId: null, turns: [], through: 0, sending: null, renewed: true });
    expect(unsent(state)).toEqual(["new", "newer"]);
    expect(rules.next(state, NOW)).toEqual({ do: "open" });
  });

  it("is not given up for the bare 404 of a proxy", () => {
    const state = rules.failed(sends(rules.says(talked(), "a", "new", NOW)), "a", problem(404, "http_404"), NOW, 0);
    expect(state.held?.conversation).toBe("c1");
  });

  it("is not made again and again when every new one is refused too", () => {
    let state = rules.says(talked(), "a", "new", NOW);
    for (let i = 0; i < 5; i++) {
      if (state.held === null) {
        state = rules.opened(rules.setsOut(state, rules.OPENING), { conversation: `c${i}`, token: "t", turns: [], phase: phase("with_bot") });
      }
      state = rules.failed(rules.setsOut(state, "a"), "a", problem(401, "bad_token"), NOW, 0);
    }
    expect(state.held).not.toBeNull();
    expect(rules.next(state, NOW).do).toBe("wait");
    expect(unsent(state)).toEqual(["new"]);
  });

  it("leaves no judgement or rating behind", () => {
    let state = rules.receives(begun(), page([turn(1, "system", "closed")], 1, phase("resolved")));
    state = rules.failed(sends(rules.rates(state, "r", 5, null, NOW)), "r", problem(401, "bad_token"), NOW, 0);
    expect(state.pending).toEqual([]);
  });

  it("ignores the late answer to the old one", () => {
    const state = rules.renews(rules.says(talked(), "a", "new", NOW));
    expect(rules.acknowledged(state, "c1", "a", { turn: turn(3, "customer", "new", { client_id: "a" }), replies: [], phase: phase("with_bot") })).toBe(state);
  });
});

describe("the next visit", () => {
  it("goes on where this one stopped", () => {
    let state = rules.receives(begun(), page([turn(1, "customer", "hi"), turn(2, "bot", "hello")], 3, phase("waiting"), { queue: { position: 2, expected_wait_secs: 60 } }));
    state = rules.says(state, "a", "are you there?", NOW);
    const later = rules.resume(JSON.parse(JSON.stringify(rules.toSave(state))), JSON.parse(JSON.stringify(state.pending)));
    expect(later).toMatchObject({ held: { conversation: "c1", token: "secret" }, through: 3, clientId: "begin-1", phase: { name: "waiting" }, queue: { position: 2 } });
    expect(texts(later)).toEqual(["hi", "hello"]);
    expect(unsent(later)).toEqual(["are you there?"]);
    expect(rules.next(later, NOW).do).toBe("send");
  });

  it("keeps the client id of a conversation whose making was never answered", () => {
    const state = rules.says(rules.names(fresh(), "begin-1"), "a", "hi", NOW);
    const later = rules.resume(rules.toSave(state), state.pending);
    expect(later.clientId).toBe("begin-1");
    expect(rules.next(later, NOW)).toEqual({ do: "open" });
  });

  it("drops what arrived although its answer was lost", () => {
    const state = rules.receives(begun(), page([turn(1, "customer", "hi", { client_id: "a" })], 1));
    const later = rules.resume(rules.toSave(state), [{ clientId: "a", at: NOW, deed: { does: "says", text: "hi" }, refused: null }]);
    expect(later.pending).toEqual([]);
  });

  it("fetches a very long conversation from its beginning", () => {
    const many = Array.from({ length: rules.MAX_KEPT_TURNS + 1 }, (_, i) => turn(i + 1, "bot", `${i}`));
    const later = rules.resume(rules.toSave(rules.receives(begun(), page(many, 200, phase("with_agent")))), []);
    expect(later).toMatchObject({ through: 0, turns: [], phaseSeq: 0 });
    expect(rules.receives(later, page(many, 200)).turns).toHaveLength(many.length);
  });

  it("has nothing to keep before the first question", () => {
    expect(rules.toSave(fresh())).toBeNull();
  });
});

describe("another tab", () => {
  const saved = () => rules.toSave(rules.receives(begun(), page([turn(1, "customer", "hi")], 1)));

  it("shares its conversation and leaves the texts of this one", () => {
    const state = rules.adopts(rules.says(fresh(), "a", "mine", NOW), saved());
    expect(state.held?.conversation).toBe("c1");
    expect(unsent(state)).toEqual(["mine"]);
  });

  it("changes nothing when it knows no more, or has no conversation yet", () => {
    const state = rules.receives(begun(), page([turn(1, "customer", "hi")], 1));
    expect(rules.adopts(state, saved())).toBe(state);
    expect(rules.adopts(state, { ...saved()!, conversation: null })).toBe(state);
    expect(rules.adopts(state, null)).toBe(state);
  });
});

describe("options", () => {
  const option = { article: "refund-time", title: "When will I get my refund?" };

  it("are tapped once, however quickly", () => {
    let state = rules.taps(begun(), "a", option, NOW);
    state = rules.taps(state, "b", { article: "human", title: "Talk to a person" }, NOW);
    expect(state.pending).toHaveLength(1);
  });

  it("hide the button for a person while that is under way, waiting or there", () => {
    expect(rules.canAskForPerson(begun())).toBe(true);
    expect(rules.canAskForPerson(rules.taps(begun(), "a", { article: "human", title: "Talk to a person" }, NOW))).toBe(false);
    expect(rules.canAskForPerson(rules.receives(begun(), page([], 1, phase("waiting"))))).toBe(false);
    expect(rules.canAskForPerson(rules.receives(begun(), page([], 1, phase("with_agent"))))).toBe(false);
    expect(rules.canAskForPerson(rules.receives(begun(), page([], 1, phase("resolved"))))).toBe(true);
  });
});

describe("judging an answer", () => {
  it("counts once", () => {
    const state = rules.judges(begun(), "a", 2, true, NOW);
    expect(rules.judges(state, "b", 2, false, NOW)).toBe(state);
    expect(state.judged).toEqual({ seq: 2, helped: true });
  });
});

describe("rating", () => {
  const closed = () => rules.receives(begun(), page([turn(1, "system", "closed")], 2, phase("resolved")));
  const scores = (state: State) => state.pending.map((p) => p.deed);

  it("is one tap", () => {
    const state = rules.rates(closed(), "r", 4, null, NOW);
    expect(scores(state)).toEqual([{ does: "rates", score: 4, comment: "" }]);
    expect(state.rated).toMatchObject({ score: 4, done: false });
  });

  it("takes the last of several taps that did not leave yet", () => {
    const state = rules.rates(rules.rates(closed(), "r", 4, null, NOW), "s", 5, null, NOW);
    expect(scores(state)).toEqual([{ does: "rates", score: 5, comment: "" }]);
  });

  it("leaves alone what is under way, and sends the comment after it", () => {
    const state = rules.rates(sends(rules.rates(closed(), "r", 4, null, NOW)), "s", 4, " kind ", NOW);
    expect(scores(state)).toEqual([
      { does: "rates", score: 4, comment: "" },
      { does: "rates", score: 4, comment: "kind" },
    ]);
    expect(state.rated?.done).toBe(true);
  });

  it("is over when the customer adds nothing", () => {
    const state = rules.rates(rules.rates(closed(), "r", 4, null, NOW), "s", 4, "  ", NOW);
    expect(scores(state)).toHaveLength(1);
    expect(state.rated?.done).toBe(true);
  });

  it("is only for an ended conversation, and is asked anew for the next ending", () => {
    expect(rules.rates(begun(), "r", 4, null, NOW).pending).toEqual([]);
    let state = rules.rates(closed(), "r", 4, "", NOW);
    state = rules.receives(state, page([], 5, phase("with_bot", { since: "2026-03-02T11:00:00Z" })));
    expect(state.rated).toBeNull();
  });
});

describe("the link", () => {
  it("is held while the panel is open, something is unsent, or a person is expected", () => {
    expect(rules.wantsLink(fresh(), true)).toBe(false);
    expect(rules.wantsLink(begun(), false)).toBe(false);
    expect(rules.wantsLink(begun(), true)).toBe(true);
    expect(rules.wantsLink(rules.says(begun(), "a", "hi", NOW), false)).toBe(true);
    expect(rules.wantsLink(rules.receives(begun(), page([], 1, phase("waiting"))), false)).toBe(true);
    expect(rules.wantsLink(rules.receives(begun(), page([], 1, phase("with_agent"))), false)).toBe(true);
  });

  it("is opened again later and later, until a frame proves it", () => {
    let state = rules.linkLost(rules.linkOpening(begun()), NOW, 1);
    expect(state.link).toEqual({ is: "lost", tries: 1, at: NOW + 1_000 });
    state = rules.linkLost(rules.linkOpening(state), NOW, 1);
    expect(state.link).toEqual({ is: "lost", tries: 2, at: NOW + 2_000 });
    state = rules.linkLive(rules.linkOpening(state));
    expect(rules.linkLost(state, NOW, 1).link).toEqual({ is: "lost", tries: 1, at: NOW + 1_000 });
  });

  it("says that it is reconnecting only when asking does not work either", () => {
    const first = rules.linkOpening(begun());
    expect(rules.isReconnecting(first)).toBe(false);
    const lost = rules.linkLost(first, NOW, 1);
    expect(rules.isReconnecting(lost)).toBe(true);
    expect(rules.mustPoll(lost)).toBe(true);
    expect(rules.isReconnecting(rules.polled(lost, true))).toBe(false);
    expect(rules.mustPoll(rules.polled(lost, true))).toBe(true);
    expect(rules.mustPoll(rules.linkLive(lost))).toBe(false);
  });
});

describe("the dots", () => {
  it("stand from the question to the answer, and not for ever", () => {
    let state = rules.says(begun(), "a", "hi", NOW);
    expect(rules.isAwaiting(state, NOW)).toBe(true);
    state = rules.receives(state, page([turn(1, "customer", "hi", { client_id: "a" })], 1));
    expect(rules.isAwaiting(state, NOW)).toBe(true);
    expect(rules.isAwaiting(state, NOW + rules.LONGEST_AWAITING_MS + 1)).toBe(false);
    expect(rules.isAwaiting(rules.receives(state, page([turn(2, "bot", "hello")], 2)), NOW)).toBe(false);
  });

  it("promise nothing while a person is awaited or the text is not sent", () => {
    const waiting = rules.receives(begun(), page([], 1, phase("waiting")));
    expect(rules.isAwaiting(rules.says(waiting, "a", "hi", NOW), NOW)).toBe(false);
    const failed = rules.failed(sends(rules.says(begun(), "a", "hi", NOW)), "a", UNREACHABLE, NOW, 0);
    expect(rules.isAwaiting(failed, NOW)).toBe(false);
  });
});

describe("unseen turns", () => {
  it("are those of others since the customer last looked", () => {
    let state = rules.sees(rules.receives(begun(), page([turn(1, "customer", "hi"), turn(2, "bot", "hello")], 2)));
    expect(rules.countUnseen(state)).toBe(0);
    state = rules.receives(state, page([turn(3, "customer", "more"), turn(4, "agent", "yes?"), turn(5, "agent", "hello?")], 5));
    expect(rules.countUnseen(state)).toBe(2);
    expect(rules.countUnseen(rules.resume(rules.toSave(state), []))).toBe(2);
  });
});

describe("who it is", () => {
  const opening = () => rules.setsOut(rules.names(rules.says(fresh(), "a", "hi", NOW), "begin-1"), rules.OPENING);

  it("waits for a token without trying again, and keeps the text", () => {
    const barred = rules.failed(opening(), rules.OPENING, problem(401, "identity_required"), NOW, 0);
    expect([barred.barred, rules.next(barred, NOW + 60_000).do, unsent(barred)]).toEqual(["identity_required", "rest", ["hi"]]);
    expect(rules.next(rules.unbars(barred), NOW).do).toBe("open");
  });

  it("begins anew when this browser's conversation belongs to somebody else", () => {
    const anew = rules.failed(opening(), rules.OPENING, problem(409, "other_customer"), NOW, 0);
    expect([anew.clientId, unsent(anew), rules.next(anew, NOW).do]).toEqual([null, ["hi"], "open"]);
  });

  it("keeps a conversation for as many days as the site wants", () => {
    const saved = { ...rules.toSave(begun())!, at: NOW };
    expect(rules.isExpired(saved, 30, NOW + 30 * 86_400_000)).toBe(false);
    expect(rules.isExpired(saved, 30, NOW + 30 * 86_400_000 + 1)).toBe(true);
    expect(rules.isExpired(null, 30, NOW)).toBe(false);
  });
});

describe("files", () => {
  const file = { id: "f", name: "a.png", type: "image/png", bytes: 1, url: "/x" };

  it("can be said without words, and no more than the server takes", () => {
    expect(rules.canSay(fresh(), " ", [])).toBe(false);
    expect(rules.canSay(fresh(), "", [file])).toBe(true);
    expect(rules.canSay(fresh(), "hi", Array.from({ length: rules.MAX_FILES + 1 }, () => file))).toBe(false);
  });

  it("are a reason to open a conversation before anything is said", () => {
    const state = rules.reaches(fresh());
    expect(rules.next(state, NOW).do).toBe("open");
    const opened = rules.opened(rules.setsOut(state, rules.OPENING), { conversation: "c1", token: "t", turns: [], phase: phase("with_bot") });
    expect(rules.next(opened, NOW).do).toBe("rest");
  });
});

describe("the other side", () => {
  it("types until it says that it stopped, or a while after it last said so", () => {
    const types = rules.receives(begun(), page([], 1, phase("with_agent"), { typing: { agent: { name: "Alice" } } }), NOW);
    expect(rules.whoTypes(types, NOW)).toBe("Alice");
    expect(rules.whoTypes(types, NOW + rules.TYPING_LASTS_MS)).toBeNull();
    expect(rules.whoTypes(rules.receives(types, page([], 1, phase("with_agent")), NOW), NOW)).toBeNull();
  });

  it("has read what it says, and an older page does not take that back", () => {
    const read = rules.receives(begun(), page([turn(1, "customer", "hi")], 1, phase("with_agent"), { read: { agent: 1, customer: 0 } }));
    expect(rules.receives(read, page([], 1, phase("with_agent"), { read: { agent: 0, customer: 0 } })).readByAgent).toBe(1);
  });
});
