import { expect, test, vi } from "vitest";
import { CallFailed, type CallOptions, type Failure } from "../../shared/api";
import { TeamApi, type QueueRow } from "../team_api";
import type { Me, Staff } from "../wire";
import { Teamwork } from "./teamwork.svelte";

const problem = (status: number, code: string, detail: string): Failure => ({
  kind: "problem",
  problem: { status, code, detail },
  retryAfterSecs: null,
});
const staff = (name: string): Staff => ({
  id: name,
  email: `${name}@shop.example`,
  name,
  role: "agent",
  presence: "online",
  languages: [],
  open: 0,
  capacity: 5,
  seen_at: null,
});
const queue = { name: "returns", title: "Returns" } as QueueRow;
const signIn = (id: string) => ({ id, at: "", expires_at: "", is_this: false });

/** A server that refuses a path as it is told, and holds one until it is let go. */
function server(role: Me["agent"]["role"] = "admin") {
  const calls: [path: string, options: CallOptions | undefined][] = [];
  const refused = new Map<string, Failure>();
  const held = new Map<string, Promise<void>>();
  const ask = async (path: string, options?: CallOptions): Promise<unknown> => {
    calls.push([path, options]);
    await held.get(path);
    const failure = refused.get(path);
    if (failure) throw new CallFailed(failure);
    if (options) return {};
    if (path === "/agents") return { agents: [staff("ann"), staff("bob")] };
    if (path === "/queues") return { queues: [queue] };
    return { sign_ins: [signIn("a"), signIn("b")] };
  };
  const hold = (path: string): (() => void) => {
    let letGo = () => {};
    held.set(path, new Promise((resolve) => (letGo = resolve)));
    return letGo;
  };
  const changed = vi.fn();
  const me = { id: "ann", name: "Ann", email: "ann@shop.example", role };
  const team = new Teamwork(new TeamApi(ask as <T>(path: string, options?: CallOptions) => Promise<T>), me, changed);
  return { team, calls, refused, hold, changed, sent: () => calls.filter(([, options]) => options) };
}

test("everything loads, and what fails can be tried again", async () => {
  const { team, refused } = server("agent");
  refused.set("/queues", problem(503, "busy", ""));
  await team.load();
  expect([team.agents.standing, team.queues.standing, team.signIns.standing]).toEqual(["ready", "failed", "ready"]);
  refused.clear();
  await team.queues.retry();
  expect(team.queues.value?.map(({ name }) => name)).toEqual(["returns"]);
  expect([team.isLead, team.isAdmin]).toEqual([false, false]);
});

test("a form that was refused stays open and says why; then it closes, and the lists are fetched", async () => {
  const { team, refused, calls, changed } = server();
  const path = "/agents";
  team.agentForm.show({ name: "add" });
  refused.set(path, problem(409, "email_taken", "Taken."));
  const bob = { email: "bob@shop.example", name: "Bob", role: "agent" as const, password: "12345678" };
  expect(await team.addAgent(bob)).toBe(false);
  expect(team.agentForm.open).toEqual({ name: "add" });
  expect(team.agentForm.trouble?.problem?.code).toBe("email_taken");
  expect([team.agentForm.done, changed.mock.calls.length]).toEqual([null, 0]);

  refused.set(path, { kind: "unreachable" });
  await team.addAgent(bob);
  expect(team.agentForm.trouble).toEqual({ problem: null });

  refused.clear();
  expect(await team.addAgent(bob)).toBe(true);
  expect([team.agentForm.open, team.agentForm.trouble]).toEqual([null, null]);
  expect(team.agentForm.done).toEqual({ key: "team_added", fill: { name: "Bob" } });
  expect(changed).toHaveBeenCalledOnce();
  expect(calls.slice(-2).map(([path, options]) => [path, options])).toEqual([["/agents", undefined], ["/queues", undefined]]);
});

test("each act goes to its own path", async () => {
  const { team, sent } = server();
  await team.setWork(staff("bob"), 3, ["ru"]);
  await team.setPassword(staff("bob"), "12345678");
  await team.disable(staff("bob"));
  await team.setQueue(queue);
  await team.unsetQueue(queue);
  await team.endSignIn(signIn("b"));
  expect(sent()).toEqual([
    ["/agents/work", { body: { email: "bob@shop.example", capacity: 3, languages: ["ru"] } }],
    ["/agents/password", { body: { email: "bob@shop.example", password: "12345678" } }],
    ["/agents/disable", { body: { email: "bob@shop.example" } }],
    ["/queues", { body: queue }],
    ["/queues/returns/unset", { body: {} }],
    ["/sign_ins/b", { method: "DELETE" }],
  ]);
});

test("nobody disables oneself", async () => {
  const { team, sent } = server();
  expect(await team.disable(staff("ann"))).toBe(false);
  expect(sent()).toEqual([]);
});

test("while something is sent, nothing is sent twice and the form stays", async () => {
  const { team, hold, sent } = server();
  team.queueForm.show({ name: "edit", queue: "returns" });
  const letGo = hold("/queues");
  const sending = team.setQueue(queue);
  expect(await team.setQueue(queue)).toBe(false);
  team.queueForm.close();
  team.queueForm.show({ name: "add" });
  expect(team.queueForm.open).toEqual({ name: "edit", queue: "returns" });
  letGo();
  expect(await sending).toBe(true);
  expect(sent()).toHaveLength(1);
});

test("a sign-in that is gone already leaves the list", async () => {
  const { team, refused, calls } = server();
  refused.set("/sign_ins/b", problem(404, "unknown_sign_in", "Gone."));
  expect(await team.endSignIn(signIn("b"))).toBe(false);
  expect(team.ending.trouble?.problem?.detail).toBe("Gone.");
  expect(calls.at(-1)).toEqual(["/sign_ins", undefined]);
});
