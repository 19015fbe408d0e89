import { afterEach, expect, test, vi } from "vitest";
import { Session } from "./session.svelte";

afterEach(() => void history.replaceState(null, "", "/"));

/** A server that refuses with this code. */
function refusing(status: number, code: string, headers: Record<string, string> = {}) {
  const ask = vi.fn(async (_: string, __: RequestInit) => new Response(JSON.stringify({ code, detail: "Said so." }), { status, headers }));
  vi.stubGlobal("fetch", ask);
  const sent = () => ask.mock.calls.map(([url, { body }]) => [url, JSON.parse(String(body)) as unknown]);
  return { session: new Session(), sent };
}

test("a code goes along once it was asked for", async () => {
  const { session, sent } = refusing(401, "code_wanted");
  expect(await session.signIn("ann@shop.example", "pw")).toEqual({ name: "code_wanted" });
  await session.signIn("ann@shop.example", "pw", "123456");
  expect(sent()).toEqual([
    ["/api/v1/desk/login", { email: "ann@shop.example", password: "pw" }],
    ["/api/v1/desk/login", { email: "ann@shop.example", password: "pw", code: "123456" }],
  ]);
});

test("why it did not work is told apart", async () => {
  const check = async (status: number, code: string, expected: object, headers?: Record<string, string>) =>
    expect(await refusing(status, code, headers).session.signIn("a@b", "pw"), code).toEqual(expected);
  await check(401, "bad_credentials", { name: "bad_credentials" });
  await check(422, "bad_code", { name: "bad_code" });
  await check(429, "locked_out", { name: "locked_out", waitSecs: 841 }, { "retry-after": "841" });
  await check(429, "locked_out", { name: "locked_out", waitSecs: null });
  await check(429, "too_many_requests", { name: "too_many_requests", waitSecs: 12 }, { "retry-after": "12" });
  await check(503, "unavailable", { name: "broken" });
  await check(502, "http_502", { name: "unreachable" });
  await check(422, "bad_input", { name: "refused", detail: "Said so." });
});

test("what came of the provider is taken out of the address, and said until somebody is signed in", async () => {
  const check = (search: string, expected: string | null) => {
    history.replaceState(null, "", `/console${search}#/mine`);
    expect(new Session().sso, search).toBe(expected);
    expect(location.pathname + location.search + location.hash).toBe("/console#/mine");
  };
  check("", null);
  for (const code of ["failed", "cancelled", "unknown_agent", "unverified", "expired"]) check(`?sso=${code}`, code);
  check("?sso=toString", "failed");

  history.replaceState(null, "", "/console?sso=cancelled");
  const me = { agent: { id: "maria", name: "Maria", email: "", role: "agent", has_second_factor: false }, health: {} };
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(me)));
  const session = new Session();
  await session.signIn("maria@shop.example", "pw");
  expect(session.sso).toBeNull();
  await session.signOut();
});

test("without an answer about the provider there is just no button", async () => {
  const options = (answer: () => Promise<Response>) => {
    vi.stubGlobal("fetch", answer);
    return new Session().provider();
  };
  expect(await options(async () => new Response(JSON.stringify({ sso: { name: "Acme ID" } })))).toBe("Acme ID");
  expect(await options(async () => new Response(JSON.stringify({ sso: null })))).toBeNull();
  expect(await options(async () => new Response("", { status: 500 }))).toBeNull();
  expect(
    await options(async () => {
      throw new TypeError("network");
    }),
  ).toBeNull();
});
