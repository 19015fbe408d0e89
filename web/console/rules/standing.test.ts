// @vitest-environment node
import { expect, test } from "vitest";
import type { Row } from "../wire";
import { countsFrom, headline, lastWords, namedAgent, refusedOf, standingOf, waitingSince } from "./standing";

const row = (more: Partial<Row>): Row => ({
  id: "c",
  site: "shop",
  channel: "web",
  language: null,
  phase: { name: "with_bot", since: "2026-03-01T10:00:00Z" },
  need: null,
  last: null,
  customer: { id: "k" },
  owner_epoch: 1,
  tags: [],
  rating: null,
  ...more,
});

test("who has it, seen by the agent who looks", () => {
  const maria = { id: "m", name: "Maria" };
  const check = (phase: Partial<Row["phase"]>, expected: object) =>
    expect(standingOf(row({ phase: { name: "with_bot", since: "", ...phase } }), "m")).toEqual(expected);
  check({}, { name: "with_bot" });
  check({ name: "waiting" }, { name: "waiting" });
  check({ name: "with_agent", agent: maria }, { name: "mine" });
  check({ name: "with_agent", agent: { id: "a", name: "Andrei" } }, { name: "with_other", agent: "Andrei" });
  check({ name: "with_agent" }, { name: "with_other", agent: null });
  check({ name: "resolved" }, { name: "resolved" });
});

test("the wait counts from when it began, not from when somebody let go", () => {
  const released = row({ phase: { name: "waiting", since: "later", waiting_since: "earlier" } });
  expect(waitingSince(released)).toBe("earlier");
  expect(countsFrom(released)).toBe("earlier");
  expect(waitingSince(row({ phase: { name: "waiting", since: "since" } }))).toBe("since");
  expect(waitingSince(row({}))).toBeNull();
  expect(countsFrom(row({ last: { by: "bot", text: "hi", at: "at" } }))).toBe("at");
});

test("a row's two lines never say the same", () => {
  const last = (by: "customer" | "system" | "agent", text: string) => ({ by, text, at: "" });
  const second = (need: string | null, words: ReturnType<typeof last>) => lastWords(row({ need, last: words }))?.text ?? null;
  expect(second("Where is it?", last("customer", "Where  is it?"))).toBeNull();
  expect(second("Where is…", last("customer", "Where is it, please?"))).toBeNull();
  expect(second("Where is it?", last("system", "You are next in line."))).toBeNull();
  expect(second("Where is it?", last("customer", "Hello?"))).toBe("Hello?");
  expect(second(null, last("customer", "Hello?"))).toBeNull();
  expect(headline(row({ last: last("customer", " Hello? ") }))).toBe("Hello?");
  expect(headline(row({ need: "Refund", last: last("customer", "Hello?") }))).toBe("Refund");
  expect(headline(row({}))).toBeNull();
});

test("refusals by code, with whoever they name", () => {
  expect(refusedOf("already_claimed")).toBe("already_claimed");
  expect(refusedOf("brand_new")).toBe("other");
  expect(namedAgent({ id: "a", name: "Andrei" })).toBe("Andrei");
  for (const extra of [null, undefined, "Andrei", { name: 7 }, { name: "" }]) expect(namedAgent(extra)).toBeNull();
});
