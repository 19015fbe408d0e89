// Sends one file with progress, which `fetch` cannot tell of.

import { CallFailed, retryAfter, type Attachment, type Problem } from "../shared/api";

/** A file that takes longer is given up; a large one over a slow line still fits. */
const LIMIT_MS = 300_000;

/** `onProgress` hears 0 to 100. Rejects with `CallFailed`. */
export function upload(
  to: { url: string; token: string },
  file: Blob,
  onProgress: (percent: number) => void,
  signal: AbortSignal,
): Promise<Attachment> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", to.url);
    request.timeout = LIMIT_MS;
    request.setRequestHeader("authorization", `Bearer ${to.token}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(Math.floor((100 * event.loaded) / event.total));
    };
    const unreachable = () => failed(new CallFailed({ kind: "unreachable" }));
    request.onerror = unreachable;
    request.onabort = unreachable;
    request.ontimeout = () => failed(new CallFailed({ kind: "timeout" }));
    request.onload = () => {
      const said = parse(request.responseText);
      if (request.status === 200 || request.status === 201) return done(said as unknown as Attachment);
      const code = typeof said["code"] === "string" ? said["code"] : `http_${request.status}`;
      const problem: Problem = { ...said, status: request.status, code };
      failed(new CallFailed({ kind: "problem", problem, retryAfterSecs: retryAfter(request.getResponseHeader("retry-after"), Date.now()) }));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    // A proxy in between answers in HTML; its status still counts.
    return {};
  }
}
