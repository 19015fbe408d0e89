import { expect, test } from "vitest";
import { CallFailed } from "../../shared/api";
import { TeamApi, type AuditEntry } from "../team_api";
import { AuditLog } from "./audit_log.svelte";

/** A server with entries 1 to `n` that gives two at a time, refuses while told so, and can be held. */
function server(n: number) {
  const calls: string[] = [];
  const stands = { n, refuses: false, held: Promise.resolve() };
  const entry = (id: number): AuditEntry => ({ id, at: "", agent: "Ann", what: "signed_in", about: "ann@shop.example" });
  const ask = async (path: string): Promise<unknown> => {
    calls.push(path);
    const { n, refuses } = stands;
    await stands.held;
    if (refuses) throw new CallFailed({ kind: "unreachable" });
    const before = Number(new URLSearchParams(path.split("?")[1]).get("before") ?? n + 1);
    const ids = [before - 1, before - 2].filter((id) => id > 0);
    return { entries: ids.map(entry), next: ids.length === 2 ? ids[1] : null };
  };
  const log = new AuditLog(new TeamApi(ask as <T>(path: string) => Promise<T>));
  return { log, calls, stands, ids: () => log.read.value?.entries.map(({ id }) => id) };
}

test("it begins with the newest, and older ones come below until there are none", async () => {
  const { log, calls, ids } = server(5);
  expect(await log.readOn()).toBe(false);
  await log.load();
  expect(ids()).toEqual([5, 4]);
  expect(await log.readOn()).toBe(true);
  expect(await log.readOn()).toBe(true);
  expect([ids(), log.read.value?.next]).toEqual([[5, 4, 3, 2, 1], null]);
  expect(await log.readOn()).toBe(false);
  expect(calls).toEqual(["/audit?limit=50", "/audit?limit=50&before=4", "/audit?limit=50&before=2"]);
});

test("where the next ones are not there after all, nothing came", async () => {
  const { log, ids } = server(2);
  await log.load();
  expect([await log.readOn(), ids(), log.read.value?.next]).toEqual([false, [2, 1], null]);
});

test("older ones that do not come leave what is there, and can be asked for again", async () => {
  const { log, stands, ids } = server(4);
  await log.load();
  stands.refuses = true;
  expect(await log.readOn()).toBe(false);
  expect([ids(), log.readingFailed, log.readingOn]).toEqual([[4, 3], true, false]);
  stands.refuses = false;
  expect(await log.readOn()).toBe(true);
  expect([ids(), log.readingFailed]).toEqual([[4, 3, 2, 1], false]);
});

test("a log that is fetched anew meanwhile has no gap, and nothing is asked for twice at once", async () => {
  const { log, calls, stands, ids } = server(4);
  await log.load();
  let letGo = () => {};
  stands.held = new Promise((resolve) => (letGo = resolve));
  const older = log.readOn();
  expect(await log.readOn()).toBe(false);
  stands.held = Promise.resolve();
  stands.n = 6;
  await log.load();
  letGo();
  expect(await older).toBe(false);
  expect([ids(), log.read.value?.next, calls.length]).toEqual([[6, 5], 5, 3]);
});
