import { expect, test, vi } from "vitest";
import { Session } from "./session.svelte";

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
