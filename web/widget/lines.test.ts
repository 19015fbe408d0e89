import { describe, expect, it } from "vitest";
import type { Page, Turn } from "../shared/api";
import { cutLinks, lines } from "./lines";
import { picture } from "./picture";
import * as rules from "./rules";
import type { State } from "./rules";
import { page, phase, turn } from "./testing/turns";

const NOW = Date.parse("2026-03-02T10:00:30Z");
const options = [
  { article: "refund-time", title: "When will I get my refund?" },
  { article: "human", title: "Talk to a person" },
];

function after(given: Page): State {
  const opening = rules.setsOut(rules.names(rules.resume(null, []), "begin"), rules.OPENING);
  const begun = rules.opened(opening, { conversation: "c", token: "t", turns: [], phase: phase("with_bot") });
  return rules.receives(begun, given);
}

const answer = (seq: number, more: Partial<Turn> = {}) =>
  turn(seq, "bot", "Five days.", { kind: "answer", html: "<p>Five days.</p>", article: { id: "refund-time", title: "Refunds" }, ...more });

describe("lines", () => {
  it("show HTML for a bot's answer and an agent's words alone", () => {
    const html = "<b>bold</b>";
    const others = [
      turn(3, "customer", "hi", { html }),
      turn(4, "system", "hi", { html, kind: "answer" }),
      turn(5, "agent", "hi", { html, kind: "answer" }),
      turn(6, "bot", "hi", { html }),
    ];
    const shown = lines(after(page([answer(1), turn(2, "agent", "hi", { html }), ...others], 6)));
    expect(shown.map((line) => line.html)).toEqual(["<p>Five days.</p>", html, null, null, null, null]);
    expect(shown.map((line) => line.source)).toEqual(["Refunds", null, null, null, null, null]);
  });

  it("put what is not sent yet last, under the key that its turn will have", () => {
    let state = rules.says(after(page([turn(1, "bot", "hello")], 1)), "mine", "hi", NOW);
    expect(lines(state).map((line) => line.key)).toEqual(["t1", "mine"]);
    expect(lines(state)[1]?.state).toEqual({ is: "sending" });
    state = rules.receives(state, page([turn(2, "customer", "hi", { client_id: "mine" }), turn(3, "bot", "hello again")], 3));
    expect(lines(state).map((line) => line.key)).toEqual(["t1", "mine", "t3"]);
    expect(lines(state)[1]?.state).toEqual({ is: "said" });
  });

  it("say calmly what is not sent, and what was refused", () => {
    let state = rules.says(rules.says(after(page([], 1)), "a", "hi", NOW), "b", "ho", NOW);
    state = rules.failed(rules.setsOut(state, "a"), "a", { kind: "unreachable" }, NOW, 0);
    expect(lines(state).map((line) => line.state.is)).toEqual(["unsent", "unsent"]);
    expect(picture(state, true, false, NOW).trouble).toBe("unreachable");
    state = rules.failed(rules.setsOut(state, "a"), "a", { kind: "problem", problem: { status: 422, code: "text_too_long", limit: 4000 }, retryAfterSecs: null }, NOW, 0);
    expect(lines(state).map((line) => line.state)).toEqual([
      { is: "refused", why: { code: "text_too_long", limit: 4000 }, clientId: "a" },
      { is: "sending" },
    ]);
  });

  it("leave out what was deleted", () => {
    expect(lines(after(page([turn(1, "agent", "", { rev: 2 })], 1)))).toEqual([]);
  });

  it("carry the time at the beginning and after a pause", () => {
    const late = turn(3, "bot", "back", { at: "2026-03-02T12:00:00Z" });
    const shown = lines(after(page([turn(1, "customer", "hi"), turn(2, "bot", "hello"), late], 3)));
    expect(shown.map((line) => line.stamp !== null)).toEqual([true, false, true]);
  });

  it("name a speaker once for several turns", () => {
    const mei = { agent: { name: "Mei" } };
    const shown = lines(after(page([turn(1, "agent", "hi", mei), turn(2, "agent", "so", mei), turn(3, "agent", "hm", { agent: { name: "Bo" } })], 3)));
    expect(shown.map((line) => line.isFirst)).toEqual([true, false, true]);
  });
});

describe("buttons", () => {
  const asked = () => after(page([turn(1, "customer", "money"), turn(2, "bot", "Did you mean?", { kind: "clarification", options })], 2));
  const enabled = (state: State) => lines(state).map((line) => line.buttons.filter((b) => b.isEnabled).map((b) => b.option));

  it("of the last turn can be tapped, once", () => {
    const state = asked();
    expect(enabled(state)).toEqual([[], ["refund-time", "human"]]);
    const tapped = rules.taps(state, "a", options[0]!, NOW);
    expect(enabled(tapped)).toEqual([[], [], []]);
    expect(lines(tapped)[1]?.buttons.map((b) => b.isChosen)).toEqual([true, false]);
  });

  it("of older turns remain to be read, with the chosen one marked", () => {
    const chosen = turn(3, "customer", "When will I get my refund?", { kind: "option", article: { id: "refund-time", title: "" } });
    const shown = lines(rules.receives(asked(), page([chosen, answer(4)], 4)));
    expect(shown[1]?.buttons).toEqual([
      { option: "refund-time", title: "When will I get my refund?", isEnabled: false, isChosen: true },
      { option: "human", title: "Talk to a person", isEnabled: false, isChosen: false },
    ]);
  });

  it("give way to newer text that is still unsent", () => {
    expect(enabled(rules.says(asked(), "a", "never mind", NOW))).toEqual([[], [], []]);
  });

  it("for the way back stand in the waiting line and not twice", () => {
    const notice = turn(1, "system", "A person will come.", { options: [{ article: "back_to_bot", title: "Back to the bot" }] });
    const state = after(page([notice], 2, phase("waiting"), { queue: { position: 2, expected_wait_secs: 150 } }));
    expect(lines(state)[0]?.buttons).toEqual([]);
    expect(picture(state, true, false, NOW)).toMatchObject({ phase: "waiting", position: 2, waitMinutes: 3, canAskForPerson: false });
  });
});

describe("did this help?", () => {
  const ask = (state: State) => lines(state).map((line) => line.ask);

  it("is asked under the last answer until something else is asked", () => {
    const state = after(page([turn(1, "customer", "refund?"), answer(2)], 2));
    expect(ask(state)).toEqual([null, { seq: 2, helped: null }]);
    expect(ask(rules.judges(state, "j", 2, false, NOW))).toEqual([null, { seq: 2, helped: false }]);
    expect(ask(rules.says(state, "a", "and?", NOW))).toEqual([null, null, null]);
    expect(ask(rules.receives(state, page([turn(3, "system", "Sorry about that.")], 3)))[1]).toEqual({ seq: 2, helped: null });
  });

  it("is not asked about small talk, nor while people have the conversation", () => {
    expect(ask(after(page([turn(1, "bot", "Hello!", { kind: "small_talk" })], 1)))).toEqual([null]);
    expect(ask(after(page([answer(1)], 2, phase("waiting"))))).toEqual([null]);
  });
});

describe("the picture", () => {
  it("offers the rating once per ending", () => {
    const closed = after(page([turn(1, "system", "Closed.")], 2, phase("resolved")));
    expect(picture(closed, true, false, NOW).rating).toEqual({ is: "asked" });
    const rated = rules.rates(closed, "r", 4, null, NOW);
    expect(picture(rated, true, false, NOW).rating).toEqual({ is: "given", score: 4 });
    expect(picture(rules.rates(rated, "s", 4, "", NOW), true, false, NOW).rating).toEqual({ is: "none" });
  });

  it("knows no wait that the server does not know", () => {
    const state = after(page([], 2, phase("waiting"), { queue: { position: 1, expected_wait_secs: null } }));
    expect(picture(state, true, false, NOW).waitMinutes).toBeNull();
    expect(picture(after(page([], 2, phase("waiting"), { queue: { position: 1, expected_wait_secs: 40 } })), true, false, NOW).waitMinutes).toBe(0);
  });
});

describe("links in texts", () => {
  const check = (text: string, links: string[]) =>
    it(text, () => {
      const parts = cutLinks(text);
      expect(parts.map((part) => part.text).join("")).toBe(text);
      expect(parts.filter((part) => part.isLink).map((part) => part.text)).toEqual(links);
    });
  check("no link here", []);
  check("see https://shop.example/track?id=1.", ["https://shop.example/track?id=1"]);
  check("(http://a.example/x), then https://b.example", ["http://a.example/x", "https://b.example"]);
  check("请看https://shop.example/帮助。谢谢", ["https://shop.example/帮助"]);
  check("javascript:alert(1) <https://a.example>", ["https://a.example"]);
});
