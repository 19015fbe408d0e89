import { expect, test, vi } from "vitest";
import type { DeskApi } from "../desk_api";
import { AWAY_AFTER_MS, Team } from "./team.svelte";

function team(presence = "online") {
  let now = 0;
  const api = {
    staff: async () => ({ agents: [{ id: "maria", presence }] }),
    queues: async () => ({ queues: [] }),
    presence: vi.fn(async () => undefined),
  };
  return { api, team: new Team(api as unknown as DeskApi, "maria", () => now), passes: (ms: number) => void (now += ms) };
}

test("an empty chair is away, and back at the first touch", async () => {
  const { api, team: mine, passes } = team();
  passes(AWAY_AFTER_MS - 1);
  mine.look();
  expect(mine.presence).toBe("online");
  passes(1);
  mine.look();
  expect(mine.presence).toBe("away");
  mine.touched();
  await Promise.resolve();
  expect(mine.presence).toBe("online");
  expect(api.presence.mock.calls).toEqual([["away"], ["online"]]);
});

test("whoever says away stays away, whatever they touch", async () => {
  const { team: mine, passes } = team();
  await mine.be("away");
  passes(AWAY_AFTER_MS);
  mine.look();
  mine.touched();
  expect(mine.presence).toBe("away");
});

test("a server that does not take it changes nothing; what it knows counts at the start", async () => {
  const { api, team: mine } = team("away");
  await mine.load();
  expect(mine.presence).toBe("away");
  api.presence.mockRejectedValueOnce(new Error("no"));
  expect(await mine.be("online")).toBe(false);
  expect(mine.presence).toBe("away");
});
