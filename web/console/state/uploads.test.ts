import { expect, test, vi } from "vitest";
import { CallFailed } from "../../shared/api";
import type { Attachment } from "../wire";
import { Uploads } from "./uploads.svelte";

const stored = (name: string): Attachment => ({ id: `id-${name}`, name, type: "image/png", bytes: 3, url: "/f" });
const picked = (name: string) => new File(["abc"], name, { type: "image/png" });

/** A server whose answers the test gives one by one. */
function server() {
  const calls: { file: File; progress: (share: number) => void; signal: AbortSignal; done: (f: Attachment) => void; fail: (e: unknown) => void }[] = [];
  const upload = vi.fn((_id: string, _clientId: string, file: File, progress: (share: number) => void, signal: AbortSignal) => {
    return new Promise<Attachment>((done, fail) => calls.push({ file, progress, signal, done, fail }));
  });
  return { uploads: new Uploads({ upload }), calls, upload };
}

test("a file goes up, and only then may the reply", async () => {
  const { uploads, calls } = server();
  expect(uploads.ready("c")).toEqual([]);
  uploads.add("c", [picked("a.png")]);
  calls[0]!.progress(0.4);
  expect(uploads.of("c")[0]!.standing).toEqual({ name: "going", share: 0.4 });
  expect(uploads.ready("c")).toBeNull();
  calls[0]!.done(stored("a.png"));
  await vi.waitFor(() => expect(uploads.ready("c")).toEqual([stored("a.png")]));
  expect(uploads.of("another")).toEqual([]);
  uploads.clear("c");
  expect(uploads.of("c")).toEqual([]);
});

test("removing stops it, and what comes late changes nothing", async () => {
  const { uploads, calls } = server();
  uploads.add("c", [picked("a.png")]);
  uploads.remove("c", uploads.of("c")[0]!.clientId);
  expect(calls[0]!.signal.aborted).toBe(true);
  calls[0]!.done(stored("a.png"));
  await Promise.resolve();
  expect(uploads.of("c")).toEqual([]);
});

test("a refusal says why; without an answer it is tried again under the same id", async () => {
  const { uploads, calls, upload } = server();
  uploads.add("c", [picked("a.exe")]);
  const problem = { status: 413, code: "too_large", max_bytes: 10 };
  calls[0]!.fail(new CallFailed({ kind: "problem", problem, retryAfterSecs: null }));
  await vi.waitFor(() => expect(uploads.of("c")[0]!.standing).toEqual({ name: "failed", code: "too_large", limitBytes: 10 }));
  expect(uploads.ready("c")).toBeNull();
  const { clientId } = uploads.of("c")[0]!;
  uploads.retry("c", clientId);
  calls[1]!.fail(new CallFailed({ kind: "unreachable" }));
  await vi.waitFor(() => expect(uploads.of("c")[0]!.standing).toMatchObject({ name: "failed", code: null }));
  expect(upload.mock.calls.map(([, id]) => id)).toEqual([clientId, clientId]);
});

test("five at most, and a refused reply gives its own back", () => {
  const { uploads } = server();
  expect(uploads.add("c", ["1", "2", "3", "4", "5", "6", "7"].map(picked))).toBe(2);
  expect(uploads.of("c").length).toBe(5);
  uploads.putBack("d", [stored("a.png")]);
  expect(uploads.ready("d")).toEqual([stored("a.png")]);
});
