// A server small enough to read: it keeps conversations, answers by the interface, and can be broken in the ways that happen.

import { vi } from "vitest";
import type { Page, Phase, Turn } from "../../shared/api";
import { phase, turn } from "./turns";

interface Kept {
  id: string;
  token: string;
  turns: Turn[];
  through: number;
  phase: Phase;
}

export type Mood = "well" | "unreachable" | "loses_answers" | "busy";

export class Server {
  mood: Mood = "well";
  sockets = true;
  readonly conversations = new Map<string, Kept>();
  readonly requests: string[] = [];
  readonly ratings: unknown[] = [];
  #byClientId = new Map<string, string>();
  #open: FakeSocket[] = [];

  /** Puts the server in place of the network. */
  start(): void {
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => this.#fetch(new URL(url), init));
    const server = this;
    vi.stubGlobal(
      "WebSocket",
      class extends FakeSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          server.#connect(this);
        }
      },
    );
  }

  get only(): Kept {
    const [first, ...more] = [...this.conversations.values()];
    if (first === undefined || more.length > 0) throw new Error(`${this.conversations.size} conversations`);
    return first;
  }

  heard(): string[] {
    return [...this.conversations.values()].flatMap((kept) => kept.turns.filter((t) => t.by === "customer").map((t) => t.text));
  }

  /** An agent or the system says something, and the sockets carry it. */
  says(kept: Kept, by: Turn["by"], text: string, now: Phase = kept.phase): void {
    kept.phase = now;
    kept.turns.push(turn((kept.through += 1), by, text));
    this.#push(kept);
  }

  forgets(): void {
    this.conversations.clear();
    this.#byClientId.clear();
    this.cutSockets();
  }

  cutSockets(): void {
    for (const socket of this.#open.splice(0)) socket.onclose?.();
  }

  /** The connection is dead, but nobody was told. */
  deafenSockets(): void {
    this.#open = [];
  }

  countSockets(): number {
    return this.#open.filter((socket) => !socket.isClosed).length;
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const path = url.pathname.replace("/api/v1/conversations", "");
    this.requests.push(`${init.method} ${path.replace(/^\/c\d+/, "")}${url.search}`);
    if (this.mood === "unreachable") throw new TypeError("failed to fetch");
    if (this.mood === "busy") return problem(503, "unavailable", { "retry-after": "7" });
    const answer = this.#answer(path, url, init);
    if (this.mood === "loses_answers" && init.method === "POST") throw new TypeError("connection reset");
    return answer;
  }

  #answer(path: string, url: URL, init: RequestInit): Response {
    const body = JSON.parse(String(init.body ?? "{}")) as { client_id: string; text?: string; option?: string };
    if (path === "") return this.#begin(body.client_id);
    const [, id, what] = path.split("/");
    const kept = this.conversations.get(id ?? "");
    if (kept === undefined) return problem(404, "unknown_conversation");
    if (new Headers(init.headers).get("authorization") !== `Bearer ${kept.token}`) return problem(401, "bad_token");
    if (what === "rating") {
      this.ratings.push(body);
      return json({ turns: [], through: kept.through, phase: kept.phase });
    }
    if (init.method === "GET") return json(this.#page(kept, Number(url.searchParams.get("after"))));
    return this.#hear(kept, body, url.searchParams.get("wait") !== "0");
  }

  #begin(clientId: string): Response {
    const id = this.#byClientId.get(clientId) ?? `c${this.conversations.size + 1}`;
    this.#byClientId.set(clientId, id);
    const kept = this.conversations.get(id) ?? { id, token: `token-${clientId}`, turns: [], through: 0, phase: phase("with_bot") };
    this.conversations.set(id, kept);
    return json({ conversation: id, token: kept.token, turns: [], phase: kept.phase }, 201);
  }

  #hear(kept: Kept, body: { client_id: string; text?: string; option?: string }, waits: boolean): Response {
    let said = kept.turns.find((t) => t.client_id === body.client_id);
    if (said === undefined) {
      said = turn((kept.through += 1), "customer", body.text ?? `tapped ${body.option}`, { client_id: body.client_id });
      kept.turns.push(said, turn((kept.through += 1), "bot", `answer to ${said.text}`));
      this.#push(kept);
    }
    return json({ turn: said, replies: waits ? kept.turns.filter((t) => t.seq === said.seq + 1) : [], phase: kept.phase });
  }

  #connect(socket: FakeSocket): void {
    const kept = this.conversations.get(new URL(socket.url).pathname.split("/").at(-2) ?? "");
    const isWelcome = this.sockets && this.mood !== "unreachable" && kept !== undefined && socket.protocols.includes(`token.${kept.token}`);
    setTimeout(() => {
      if (!isWelcome) return socket.onclose?.();
      this.#open.push(socket);
      socket.onmessage?.({ data: JSON.stringify(this.#page(kept, Number(new URL(socket.url).searchParams.get("after")))) });
    }, 1);
  }

  #page(kept: Kept, after: number): Page {
    return { turns: kept.turns.filter((t) => t.seq > after), through: kept.through, phase: kept.phase };
  }

  #push(kept: Kept): void {
    const frame = JSON.stringify(this.#page(kept, kept.through - 2));
    for (const socket of this.#open) socket.onmessage?.({ data: frame });
  }
}

class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  isClosed = false;
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  close(): void {
    this.isClosed = true;
  }
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: "about:blank", title: code, status, code }), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
