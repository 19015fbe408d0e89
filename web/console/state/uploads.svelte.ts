// Files on their way up for the next reply of each conversation: progress, cancelling, trying again.

import { CallFailed } from "../../shared/api";
import { SvelteMap } from "svelte/reactivity";
import type { DeskApi } from "../desk_api";
import { MAX_FILES } from "../rules/files";
import type { Attachment } from "../wire";
import { newId } from "./replies.svelte";

export type UploadStanding =
  | { name: "going"; share: number }
  | { name: "there"; file: Attachment }
  /** `code` of a refusal; null: no answer came, and trying again is worth it. */
  | { name: "failed"; code: string | null; limitBytes: number | null };

export interface Upload {
  clientId: string;
  name: string;
  bytes: number;
  standing: UploadStanding;
}

export class Uploads {
  private readonly all = new SvelteMap<string, Upload[]>();
  private readonly files = new Map<string, { file: File; stop: AbortController }>();

  constructor(private readonly api: Pick<DeskApi, "upload">) {}

  of(conversation: string): Upload[] {
    return this.all.get(conversation) ?? [];
  }

  /** Files that may go along with a reply now; null while one is on its way or failed: nobody should send without noticing. */
  ready(conversation: string): Attachment[] | null {
    const files = this.of(conversation).flatMap(({ standing }) => (standing.name === "there" ? [standing.file] : []));
    return files.length === this.of(conversation).length ? files : null;
  }

  /** Returns how many were left out because a turn holds only so many. */
  add(conversation: string, files: readonly File[]): number {
    const room = Math.max(0, MAX_FILES - this.of(conversation).length);
    for (const file of files.slice(0, room)) {
      const clientId = newId();
      this.files.set(clientId, { file, stop: new AbortController() });
      const upload: Upload = { clientId, name: file.name, bytes: file.size, standing: { name: "going", share: 0 } };
      this.all.set(conversation, [...this.of(conversation), upload]);
      void this.send(conversation, clientId);
    }
    return Math.max(0, files.length - room);
  }

  retry(conversation: string, clientId: string) {
    const known = this.files.get(clientId);
    if (!known) return;
    known.stop = new AbortController();
    void this.send(conversation, clientId);
  }

  /** Stops what is on its way; what is there already is forgotten by the server, since no turn names it. */
  remove(conversation: string, clientId: string) {
    this.files.get(clientId)?.stop.abort();
    this.files.delete(clientId);
    this.set(conversation, this.of(conversation).filter((upload) => upload.clientId !== clientId));
  }

  /** They went along with a reply. */
  clear(conversation: string) {
    for (const { clientId } of this.of(conversation)) this.files.delete(clientId);
    this.all.delete(conversation);
  }

  /** A reply that was refused gives its files back. */
  putBack(conversation: string, files: readonly Attachment[]) {
    const back = files.map((file): Upload => ({ clientId: file.id, name: file.name, bytes: file.bytes, standing: { name: "there", file } }));
    this.set(conversation, [...back, ...this.of(conversation)].slice(0, MAX_FILES));
  }

  private async send(conversation: string, clientId: string) {
    const known = this.files.get(clientId);
    if (!known) return;
    this.stand(conversation, clientId, { name: "going", share: 0 });
    const progress = (share: number) => this.stand(conversation, clientId, { name: "going", share });
    try {
      const file = await this.api.upload(conversation, clientId, known.file, progress, known.stop.signal);
      this.stand(conversation, clientId, { name: "there", file });
    } catch (error) {
      const problem = error instanceof CallFailed && error.failure.kind === "problem" ? error.failure.problem : null;
      const limit = problem?.["max_bytes"];
      const passes = problem === null || problem.status === 401 || problem.status === 429 || problem.status === 503;
      this.stand(conversation, clientId, {
        name: "failed",
        code: passes ? null : problem.code,
        limitBytes: typeof limit === "number" ? limit : null,
      });
    }
  }

  /** Nothing for one that was removed meanwhile. */
  private stand(conversation: string, clientId: string, standing: UploadStanding) {
    this.set(conversation, this.of(conversation).map((upload) => (upload.clientId === clientId ? { ...upload, standing } : upload)));
  }

  private set(conversation: string, uploads: Upload[]) {
    if (uploads.length) this.all.set(conversation, uploads);
    else this.all.delete(conversation);
  }
}
