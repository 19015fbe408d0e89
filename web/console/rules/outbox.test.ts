// @vitest-environment node
import { expect, test } from "vitest";
import * as outbox from "./outbox";
import type { Reply } from "./outbox";

const names = (replies: Reply[]) => replies.map(({ text, standing }) => `${text}:${standing.name}`);
const write = (replies: Reply[], conversation: string, text: string, now = 0) =>
  outbox.written(replies, { conversation, text }, `id-${text}`, now);

test("what may be sent", () => {
  const check = (text: string, expected: string | null) => expect(outbox.sendable(text)).toBe(expected);
  check("  Hello\n", "Hello");
  check(" \n\t", null);
  check("", null);
  check("x".repeat(4000), "x".repeat(4000));
  check("x".repeat(4001), null);
  // One character for the server, two units for JavaScript.
  check("🙂".repeat(4000), "🙂".repeat(4000));
});

test("replies of one conversation go out one after the other, others do not wait for them", () => {
  let replies = write(write(write([], "a", "1"), "a", "2"), "b", "3");
  expect(outbox.due(replies, 0).map(({ text }) => text)).toEqual(["1", "3"]);
  replies = outbox.sending(replies, "id-1");
  expect(outbox.due(replies, 0).map(({ text }) => text)).toEqual(["3"]);
  replies = outbox.answered(replies, "id-1", { name: "taken" }, 0);
  expect(outbox.due(replies, 0).map(({ text }) => text)).toEqual(["2", "3"]);
});

test("two replies of one millisecond keep their order", () => {
  const [first, second] = write(write([], "a", "1", 7), "a", "2", 7);
  expect(first!.writtenAt).toBeLessThan(second!.writtenAt);
});

test("a failure is tried again, later each time, under the same id", () => {
  let replies = write([], "a", "1");
  for (const [attempt, wait] of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].entries()) {
    replies = outbox.sending(replies, "id-1");
    replies = outbox.answered(replies, "id-1", { name: "failed" }, 500);
    expect(outbox.nextDue(replies), `attempt ${attempt}`).toBe(500 + wait);
    expect(outbox.due(replies, 500 + wait - 1)).toEqual([]);
    expect(outbox.due(replies, 500 + wait)[0]!.clientId).toBe("id-1");
  }
});

test("the server may ask for more patience, never for less", () => {
  expect(outbox.retryWait(1, 5)).toBe(5000);
  expect(outbox.retryWait(4, 1)).toBe(8000);
});

test("a refusal stays, with its reason, and does not stop what comes after", () => {
  let replies = outbox.sending(write(write([], "a", "1"), "a", "2"), "id-1");
  replies = outbox.answered(replies, "id-1", { name: "refused", code: "not_yours", agent: "Andrei" }, 0);
  expect(replies[0]!.standing).toEqual({ name: "refused", why: "not_yours", agent: "Andrei" });
  expect(outbox.due(replies, 0).map(({ text }) => text)).toEqual(["2"]);
  replies = outbox.answered(replies, "id-2", { name: "refused", code: "something_new" }, 0);
  expect(replies[1]!.standing).toMatchObject({ why: "other" });
  expect(outbox.nextDue(replies)).toBeNull();
  expect(outbox.refusedElsewhere(replies, "a")).toEqual([]);
  expect(outbox.refusedElsewhere(replies, "b")).toHaveLength(2);
});

test("an ended session loses nothing: the reply waits for the next one", () => {
  const replies = outbox.sending(write([], "a", "1"), "id-1");
  expect(names(outbox.answered(replies, "id-1", { name: "signed_out" }, 0))).toEqual(["1:queued"]);
});

test("a reply that the transcript shows was taken, though its acknowledgement was lost", () => {
  const replies = write(write([], "a", "1"), "a", "2");
  expect(names(outbox.seen(replies, new Set(["id-1"])))).toEqual(["2:queued"]);
});

test("the network comes back: what waited goes now, what was refused stays", () => {
  let replies = write(write([], "a", "1"), "b", "2");
  replies = outbox.answered(replies, "id-1", { name: "failed" }, 0);
  replies = outbox.answered(replies, "id-2", { name: "refused", code: "not_yours" }, 0);
  expect(names(outbox.hurried(replies))).toEqual(["1:queued", "2:refused"]);
});

test("after a reload nothing is in flight and the order is the order of writing", () => {
  const [first, second] = outbox.sending(write(write([], "a", "1", 1), "a", "2", 2), "id-1");
  expect(names(outbox.restored([second!, first!]))).toEqual(["1:queued", "2:queued"]);
});
