// @vitest-environment node
import { expect, test } from "vitest";
import { GATHER_MS, Gatherer, parseHint, type Stale } from "./hints";

/** A clock that moves only when told to. */
function drivenClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after: (ms: number, run: () => void) => void timers.push({ at: now + ms, run }),
    async pass(ms: number) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { run } of due) run();
      await settled();
    },
  };
}
const settled = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(() => queueMicrotask(resolve))));
const seen = (stale: Stale) => [stale.list && "list", stale.health && "health", ...stale.conversations].filter(Boolean).join(" ");

test("the first hint is obeyed at once, the flood after it in one go", async () => {
  const clock = drivenClock();
  const calls: string[] = [];
  const gatherer = new Gatherer(async (stale) => void calls.push(seen(stale)), clock);
  gatherer.take({ hint: "conversation", id: "a" });
  await settled();
  expect(calls).toEqual(["list a"]);
  for (let i = 0; i < 100; i++) gatherer.take({ hint: "conversation", id: i % 2 ? "a" : "b" });
  gatherer.take({ hint: "knowledge" });
  await clock.pass(GATHER_MS - 1);
  expect(calls).toHaveLength(1);
  await clock.pass(1);
  expect(calls).toEqual(["list a", "list health b a"]);
});

test("a hint that comes while the server is being asked is not lost", async () => {
  const clock = drivenClock();
  const calls: string[] = [];
  let answer = () => {};
  const gatherer = new Gatherer((stale) => {
    calls.push(seen(stale));
    return new Promise<void>((resolve) => (answer = resolve));
  }, clock);
  gatherer.take({ hint: "queue" });
  gatherer.take({ hint: "conversation", id: "a" });
  await clock.pass(5000);
  expect(calls).toEqual(["list"]);
  answer();
  await settled();
  await clock.pass(0);
  expect(calls).toEqual(["list", "list a"]);
});

test("a refetch that fails does not stop the next one", async () => {
  const clock = drivenClock();
  let nCalls = 0;
  const gatherer = new Gatherer(async () => {
    nCalls++;
    if (nCalls === 1) throw new Error("the server is away");
  }, clock);
  gatherer.take({ hint: "queue" });
  await settled();
  gatherer.take({ hint: "queue" });
  await clock.pass(300);
  expect(nCalls).toBe(2);
});

test("frames that this version does not know are left alone", () => {
  expect(parseHint('{"hint":"conversation","id":"c"}')).toEqual({ hint: "conversation", id: "c" });
  expect(parseHint('{"hint":"queue","more":1}')).toEqual({ hint: "queue" });
  for (const frame of ['{"hint":"conversation"}', '{"hint":"weather"}', "not json", "null", "7", new Blob()]) {
    expect(parseHint(frame)).toBeNull();
  }
});
