import { expect, test, vi } from "vitest";
import { CallFailed, type CallOptions, type Failure } from "../../shared/api";
import { TeamApi, type QueueRow } from "../team_api";
import type { Me, Staff } from "../wire";
import { Teamwork } from "./teamwork.svelte";

const problem = (status: number, code: string, detail: string, retryAfterSecs: number | null = null): Failure => ({
  kind: "problem",
  problem: { status, code, detail },
  retryAfterSecs,
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
  has_second_factor: false,
});
const queue = { name: "returns", title: "Returns" } as QueueRow;
const signIn = (id: string) => ({ id, at: "", expires_at: "", is_this: false });

/** A server that refuses a path as it is told, and holds one until it is let go. */
function server(role: Me["agent"]["role"] = "admin") {
  const calls: [path: string, options: CallOptions | undefined][] = [];
  const refused = new Map<string, Failure>();
  const held = new Map<string, Promise<void>>();
  const agents = [staff("ann"), staff("bob")];
  let nOffered = 0;
  const ask = async (path: string, options?: CallOptions): Promise<unknown> => {
    calls.push([path, options]);
    await held.get(path);
    const failure = refused.get(path);
    if (failure) throw new CallFailed(failure);
    if (path === "/me/second_factor/offer") return { secret: `SECRET${++nOffered}`, url: "otpauth://totp/x", qr: null };
    if (options) return {};
    if (path === "/agents") return { agents: [...agents] };
    if (path === "/queues") return { queues: [queue] };
    return { sign_ins: [signIn("a"), signIn("b")] };
  };
  const hold = (path: string): (() => void) => {
    let letGo = () => {};
    held.set(path, new Promise((resolve) => (letGo = resolve)));
    return letGo;
  };
  const changed = vi.fn();
  const me = { id: "ann", name: "Ann", email: "ann@shop.example", role, has_second_factor: false };
  const team = new Teamwork(new TeamApi(ask as <T>(path: string, options?: CallOptions) => Promise<T>), me, changed);
  /** What the server says of this agent's second factor from now on. */
  const hasFactor = (at: number, has_second_factor: boolean) => (agents[at] = { ...agents[at]!, has_second_factor });
  return { team, calls, refused, hold, changed, hasFactor, sent: () => calls.filter(([, options]) => options) };
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
  expect(team.agentForm.trouble).toEqual({ problem: null, waitSecs: null });

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
  await team.resetFactor(staff("bob"));
  await team.disable(staff("bob"));
  await team.setQueue(queue);
  await team.unsetQueue(queue);
  await team.endSignIn(signIn("b"));
  expect(sent()).toEqual([
    ["/agents/work", { body: { email: "bob@shop.example", capacity: 3, languages: ["ru"] } }],
    ["/agents/password", { body: { email: "bob@shop.example", password: "12345678" } }],
    ["/agents/reset_second_factor", { body: { email: "bob@shop.example" } }],
    ["/agents/disable", { body: { email: "bob@shop.example" } }],
    ["/queues", { body: queue }],
    ["/queues/returns/unset", { body: {} }],
    ["/sign_ins/b", { method: "DELETE" }],
  ]);
});

test("nobody disables oneself, and one's own second factor goes with the password only", async () => {
  const { team, sent } = server();
  expect(await team.disable(staff("ann"))).toBe(false);
  expect(await team.resetFactor(staff("ann"))).toBe(false);
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

test("a second factor goes on with the secret that was offered, and the page knows it from the list", async () => {
  const { team, sent, refused, hasFactor } = server("agent");
  const path = "/me/second_factor";
  expect(await team.setFactor("pw", "123456")).toBe(false);
  expect(sent()).toEqual([]);

  team.openFactor("on");
  await vi.waitUntil(() => team.offered.value);
  expect(sent()).toEqual([["/me/second_factor/offer", { body: {} }]]);
  refused.set(path, problem(422, "bad_code", "No."));
  expect(await team.setFactor("pw", "123456")).toBe(false);
  expect([team.factorForm.open, team.factorForm.trouble?.problem?.code, team.hasSecondFactor]).toEqual(["on", "bad_code", false]);

  refused.clear();
  hasFactor(0, true);
  expect(await team.setFactor("pw", "654321")).toBe(true);
  expect(sent().at(-1)).toEqual([path, { body: { password: "pw", secret: "SECRET1", code: "654321" } }]);
  expect([team.factorForm.open, team.factorForm.done?.key, team.hasSecondFactor]).toEqual([null, "factor_now_on", true]);
});

test("each time it is switched on there is a fresh secret, but not while one is sent", async () => {
  const { team, hold } = server();
  team.openFactor("on");
  await vi.waitUntil(() => team.offered.value);
  const letGo = hold("/me/second_factor");
  const sending = team.setFactor("pw", "123456");
  team.openFactor("on");
  expect(team.offered.value?.secret).toBe("SECRET1");
  letGo();
  await sending;
  team.openFactor("on");
  expect(team.offered.value).toBeNull();
  await vi.waitUntil(() => team.offered.value);
  expect(team.offered.value?.secret).toBe("SECRET2");
});

test("the password switches it off; a lock says for how long", async () => {
  const { team, sent, refused, hasFactor } = server();
  hasFactor(0, true);
  hasFactor(1, false);
  await team.load();
  expect(team.hasSecondFactor).toBe(true);
  team.openFactor("off");
  expect(sent()).toEqual([]);
  refused.set("/me/second_factor/end", problem(429, "locked_out", "Locked.", 700));
  expect(await team.endFactor("pw")).toBe(false);
  expect([team.factorForm.open, team.factorForm.trouble?.waitSecs]).toEqual(["off", 700]);

  refused.clear();
  hasFactor(0, false);
  expect(await team.endFactor("pw")).toBe(true);
  expect(sent().at(-1)).toEqual(["/me/second_factor/end", { body: { password: "pw" } }]);
  expect([team.factorForm.done?.key, team.hasSecondFactor]).toEqual(["factor_now_off", false]);
});
