import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Lookers } from "./lookers.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const api = { look: vi.fn(async (id: string, _what: object) => ({ agents: [{ id: "boris", name: `Boris at ${id}`, writing: false }] })) };
  return { api, lookers: new Lookers(api) };
}

test("looking is said at once, now and then, and that one has gone", async () => {
  const { api, lookers } = watched();
  lookers.show("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(lookers.others.map(({ name }) => name)).toEqual(["Boris at a"]);
  await vi.advanceTimersByTimeAsync(20_000);
  lookers.show("b");
  expect(lookers.others).toEqual([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(api.look.mock.calls).toEqual([
    ["a", {}],
    ["a", { writing: false }],
    ["a", { gone: true }],
    ["b", {}],
  ]);
  lookers.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(api.look).toHaveBeenCalledTimes(5);
});

test("writing is said now and then, and only where one is", async () => {
  const { api, lookers } = watched();
  lookers.show("a");
  for (let i = 0; i < 20; i++) {
    lookers.writes("a");
    await vi.advanceTimersByTimeAsync(300);
  }
  lookers.writes("b");
  const said = api.look.mock.calls.filter(([, what]) => "writing" in what && what.writing);
  expect(said).toHaveLength(2);
});

test("without a server nobody is claimed to be there", async () => {
  const { api, lookers } = watched();
  lookers.show("a");
  await vi.advanceTimersByTimeAsync(0);
  api.look.mockRejectedValueOnce(new Error("away"));
  lookers.hinted("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(lookers.others).toEqual([]);
});
