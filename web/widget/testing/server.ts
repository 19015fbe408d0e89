// A server small enough to read: it keeps conversations, answers by the interface, and can be broken in the ways that happen.

import { vi } from "vitest";
import type { Page, Phase, Queue, Turn } from "../../shared/api";
import { phase, turn } from "./turns";

interface Kept {
  id: string;
  token: string;
  turns: Turn[];
  through: number;
  phase: Phase;
  queue?: Queue;
  readByAgent?: number;
  typing?: string | null;
}

interface Body {
  client_id: string;
  text?: string;
  option?: string;
  identity?: string;
  contact?: string;
}

export type Mood = "well" | "unreachable" | "loses_answers" | "busy";

export class Server {
  mood: Mood = "well";
  sockets = true;
  readonly conversations = new Map<string, Kept>();
  readonly requests: string[] = [];
  readonly ratings: unknown[] = [];
  /** The bodies with which conversations were opened. */
  readonly opened: unknown[] = [];
  /** The bodies of turns. */
  readonly bodies: Body[] = [];
  /** Everything else that was posted: what and with which body. */
  readonly told: [string, unknown][] = [];
  /** No conversation without a token; its holder is whoever the token names. */
  wantsIdentity = false;
  readonly owners = new Map<string, string>();
  #byClientId = new Map<string, string>();
  #open: FakeSocket[] = [];
  #waiting: (() => void)[] = [];

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

  /** The agent types, or stops (null). */
  types(kept: Kept, name: string | null): void {
    kept.typing = name;
    this.#push(kept);
  }

  /** The agent has everything before their eyes. */
  reads(kept: Kept): void {
    kept.readByAgent = kept.through;
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

  #answer(path: string, url: URL, init: RequestInit): Response | Promise<Response> {
    const body = JSON.parse(String(init.body ?? "{}")) as Body;
    if (path === "") return this.#begin(body);
    const [, id, what] = path.split("/");
    const kept = this.conversations.get(id ?? "");
    if (kept === undefined) return problem(404, "unknown_conversation");
    if (new Headers(init.headers).get("authorization") !== `Bearer ${kept.token}`) return problem(401, "bad_token");
    if (what === "rating") {
      this.ratings.push(body);
      return json({ turns: [], through: kept.through, phase: kept.phase });
    }
    if (init.method === "GET") return this.#read(kept, Number(url.searchParams.get("after")), Number(url.searchParams.get("wait")));
    if (what === "identify") return this.#isOther(kept.id, body.identity) ? problem(409, "other_customer") : json({});
    if (what !== "turns") {
      this.told.push([what ?? "", body]);
      if (what === "contact" && !body.contact?.includes("@")) return problem(422, "bad_contact");
      return json({});
    }
    return this.#hear(kept, body, url.searchParams.get("wait") !== "0");
  }

  /** Answers at once when there is something, else with the next change or when the wait is over. */
  async #read(kept: Kept, after: number, waitSecs: number): Promise<Response> {
    if (kept.through <= after && waitSecs > 0) {
      await new Promise<void>((done) => {
        this.#waiting.push(done);
        setTimeout(done, 1_000 * waitSecs);
      });
    }
    return this.mood === "unreachable" ? Promise.reject(new TypeError("connection reset")) : json(this.#page(kept, after));
  }

  /** Whether the conversation belongs to somebody else; from now on it belongs to this customer. */
  #isOther(id: string, customer: string | undefined): boolean {
    const owner = this.owners.get(id);
    if (id !== "" && customer !== undefined && owner === undefined) this.owners.set(id, customer);
    return owner !== undefined && owner !== customer;
  }

  #begin({ client_id: clientId, identity, ...rest }: Body): Response {
    if (this.wantsIdentity && identity === undefined) return problem(401, "identity_required");
    if (this.#isOther(this.#byClientId.get(clientId) ?? "", identity)) return problem(409, "other_customer");
    this.opened.push(rest);
    const id = this.#byClientId.get(clientId) ?? `c${this.conversations.size + 1}`;
    this.#byClientId.set(clientId, id);
    const kept = this.conversations.get(id) ?? { id, token: `token-${clientId}`, turns: [], through: 0, phase: phase("with_bot") };
    this.conversations.set(id, kept);
    this.#isOther(id, identity);
    return json({ conversation: id, token: kept.token, turns: [], phase: kept.phase }, 201);
  }

  #hear(kept: Kept, body: Body, waits: boolean): Response {
    this.bodies.push(body);
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
    return {
      turns: kept.turns.filter((t) => t.seq > after),
      through: kept.through,
      phase: kept.phase,
      ...(kept.queue === undefined ? {} : { queue: kept.queue }),
      read: { agent: kept.readByAgent ?? 0, customer: 0 },
      ...(kept.typing == null ? {} : { typing: { agent: { name: kept.typing } } }),
    };
  }

  #push(kept: Kept): void {
    const frame = JSON.stringify(this.#page(kept, kept.through - 2));
    for (const socket of this.#open) socket.onmessage?.({ data: frame });
    for (const done of this.#waiting.splice(0)) done();
  }
}

class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
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
