import { afterEach, describe, expect, it, vi } from "vitest";
import { CallFailed, call, retryAfter, socketUrl, type Failure } from "./api";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const answering = (body: string, status: number, headers: Record<string, string> = {}) =>
  vi.stubGlobal("fetch", vi.fn(async () => new Response(status === 204 ? null : body, { status, headers })));

async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof CallFailed)) throw new Error(`no CallFailed: ${String(error)}`);
  return error.failure;
}

describe("a call", () => {
  it("sends JSON with the token and gives the body back", async () => {
    answering('{"ok":true}', 200);
    expect(await call("/x", { body: { a: 1 }, token: "t" })).toEqual({ ok: true });
    const [, init] = vi.mocked(fetch).mock.calls[0]!;
    expect(init).toMatchObject({ method: "POST", body: '{"a":1}', headers: { authorization: "Bearer t", "content-type": "application/json" } });
  });

  it("gives nothing for 204", async () => {
    answering("", 204);
    expect(await call("/x", { method: "POST", body: {} })).toBeUndefined();
  });

  it("types a problem, keeps its extra members and reads Retry-After", async () => {
    answering('{"code":"too_many_requests","status":429,"limit":60}', 429, { "retry-after": "12" });
    expect(await failure(call("/x"))).toEqual({
      kind: "problem",
      problem: { status: 429, code: "too_many_requests", limit: 60 },
      retryAfterSecs: 12,
    });
  });

  it("makes a code of the status when something in between answers in HTML", async () => {
    answering("<h1>Bad gateway</h1>", 502);
    expect(await failure(call("/x"))).toMatchObject({ kind: "problem", problem: { status: 502, code: "http_502" }, retryAfterSecs: null });
  });

  it("takes a good status without JSON for no answer", async () => {
    answering("<h1>Sign in to this network</h1>", 200);
    expect(await failure(call("/x"))).toEqual({ kind: "unreachable" });
  });

  it("gives up after its limit, and says that it was the limit", async () => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => new Promise((_, reject) => init.signal?.addEventListener("abort", () => reject(new Error("aborted")))));
    const given = failure(call("/x", { limitMs: 1_000 }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await given).toEqual({ kind: "timeout" });
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-03-02T10:00:00Z");
  const check = (header: string | null, expected: number | null) => it(String(header), () => expect(retryAfter(header, now)).toBe(expected));
  check(null, null);
  check("", null);
  check("soon", null);
  check("7", 7);
  check("Mon, 02 Mar 2026 10:00:30 GMT", 30);
  check("Mon, 02 Mar 2026 09:00:00 GMT", 0);
  check("899", 899);
  check("86400", 900);
});

it("a socket stands where its server stands", () => {
  expect(socketUrl("https://a.example/http")).toBe("wss://a.example/http");
  expect(socketUrl("http://localhost:8080/x")).toBe("ws://localhost:8080/x");
});
