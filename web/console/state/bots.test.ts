import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Bot, TeamApi } from "../team_api";
import { Bots } from "./bots.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("bots are looked at every ten seconds, and no longer than they are shown", async () => {
  const asked = vi.fn(async () => ({ bots: [{ name: "shop" } as Bot] }));
  const bots = new Bots({ bots: asked } as unknown as TeamApi);
  const stop = bots.watch();
  await vi.advanceTimersByTimeAsync(0);
  expect(bots.all.value?.map(({ name }) => name)).toEqual(["shop"]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toHaveBeenCalledTimes(3);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveBeenCalledTimes(3);
});

test("what is shown stays while the server is away", async () => {
  let isAway = false;
  const bots = new Bots({
    bots: async () => {
      if (isAway) throw new Error("away");
      return { bots: [] };
    },
  } as unknown as TeamApi);
  const stop = bots.watch();
  await vi.advanceTimersByTimeAsync(0);
  isAway = true;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([bots.all.value, bots.all.standing]).toEqual([[], "ready"]);
  stop();
});
