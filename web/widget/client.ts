// Carries out what the rules want: keeps the state on the shelf, empties the outbox, holds the socket or asks for turns.
// Decides nothing itself, and touches no element.

import type { Choice, Page, Phase, Turn } from "../shared/api";
import { call, CallFailed, socketUrl } from "../shared/api";
import * as rules from "./rules";
import type { Acknowledgement, Pending, State } from "./rules";
import { Shelf } from "./shelf";

/** Between two requests for turns while there is no socket. */
export const POLL_MS = 3_000;
/** The same while nobody looks. */
export const POLL_HIDDEN_MS = 15_000;
/** A socket that does not open within this is given up. */
export const SOCKET_OPENS_WITHIN_MS = 10_000;
/** The socket is checked by a request when an answer does not come, or when it is silent for long while a person is expected. */
export const ANSWER_DUE_MS = 4_000;
export const SILENCE_MS = 45_000;
/** Turns of one page, the most that the server gives. */
export const PAGE_TURNS = 500;
/** Pages in a row; what is left comes with the next request. */
const MAX_PAGES = 20;

export interface ClientOptions {
  /** Where the server is, ending in a slash. */
  server: string;
  site: string;
  language: string;
  shelf: Shelf;
  onChange: (state: State) => void;
}

export class Client {
  state: State;
  readonly #options: ClientOptions;
  readonly #stop = new AbortController();
  readonly #stopListening: () => void;
  #socket: WebSocket | null = null;
  #isOpen = false;
  #isAsking = false;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.state = rules.resume(options.shelf.saved(), options.shelf.pending());
    this.#stopListening = options.shelf.onChange(() => this.#become(rules.adopts(this.state, options.shelf.saved())));
    this.#tend();
  }

  says(text: string): void {
    this.#become(rules.says(this.state, freshId(), text, Date.now()));
  }

  taps(option: Choice): void {
    this.#become(rules.taps(this.state, freshId(), option, Date.now()));
  }

  judges(seq: number, helped: boolean): void {
    this.#become(rules.judges(this.state, freshId(), seq, helped, Date.now()));
  }

  rates(score: number, comment: string | null): void {
    this.#become(rules.rates(this.state, freshId(), score, comment, Date.now()));
  }

  withdraws(clientId: string): void {
    this.#become(rules.withdraws(this.state, clientId));
  }

  sees(): void {
    this.#become(rules.sees(this.state));
  }

  /** The panel was opened or closed. */
  looks(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#tend();
  }

  /** The network came back, the laptop woke, or the customer pressed "retry": what waits is tried at once. */
  wakes(): void {
    this.#become(rules.linkNow(rules.retriesNow(this.state, Date.now()), Date.now()), false);
    if (this.state.link.is === "live") void this.#ask();
    this.#tend();
  }

  /** The page is put away, perhaps to come back: a held socket would keep the browser from keeping the page. */
  sleeps(): void {
    this.#dropSocket();
    this.#become(rules.linkIdle(this.state), false);
  }

  destroy(): void {
    this.#stop.abort();
    this.#stopListening();
    this.#dropSocket();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #become(state: State, goOn = true): void {
    if (state === this.state || this.#stop.signal.aborted) return;
    const before = this.state;
    const isRenewed = before.held !== null && state.held === null;
    const other = isRenewed ? this.#options.shelf.saved() : null;
    // Another tab noticed first and has begun anew already: its conversation is ours too.
    if (other !== null && other.conversation !== before.held?.conversation) state = rules.adopts(state, other);
    this.state = state;
    this.#options.shelf.keepPending(before.pending, state.pending);
    const saved = rules.toSave(state);
    if (JSON.stringify(saved) !== JSON.stringify(rules.toSave(before))) this.#options.shelf.save(saved);
    if (before.held?.conversation !== state.held?.conversation) this.#dropSocket();
    this.#options.onChange(state);
    if (goOn) this.#tend();
  }

  #tend(): void {
    this.#tendOutbox();
    this.#tendLink();
  }

  // ---- The outbox -----------------------------------------------------------------------------------------------

  #tendOutbox(): void {
    if (this.#stop.signal.aborted) return;
    const step = rules.next(this.state, Date.now());
    switch (step.do) {
      case "rest":
        return this.#later("outbox", null, () => {});
      case "wait":
        return this.#later("outbox", step.ms, () => this.#tendOutbox());
      case "open":
        return void this.#open();
      case "send":
        return void this.#send(step.pending, step.held);
    }
  }

  async #open(): Promise<void> {
    const { shelf, site, language } = this.#options;
    // Another tab may have begun a moment ago: the same client id gives both the same conversation.
    const clientId = this.state.clientId ?? shelf.saved()?.client_id ?? freshId();
    this.#become(rules.setsOut(rules.names(this.state, clientId), rules.OPENING), false);
    const page = { url: location.href, title: document.title, referrer: document.referrer };
    await this.#attempt(rules.OPENING, async () => {
      const answer = await this.#call<{ conversation: string; token: string; turns: Turn[]; phase: Phase }>("", null, {
        client_id: clientId,
        site,
        language,
        page,
        time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      });
      return (state) => rules.opened(state, answer);
    });
  }

  async #send(pending: Pending, held: rules.Held): Promise<void> {
    this.#become(rules.setsOut(this.state, pending.clientId), false);
    await this.#attempt(pending.clientId, async () => {
      const [path, body] = this.#request(pending);
      const answer = await this.#call<Acknowledgement>(`/${held.conversation}/${path}`, held.token, body);
      return (state) => rules.acknowledged(state, held.conversation, pending.clientId, answer);
    });
    this.#later("answer", ANSWER_DUE_MS, () => {
      if (rules.isAwaiting(this.state, Date.now())) void this.#ask();
    });
  }

  #request({ clientId, deed }: Pending): [string, unknown] {
    // With a live socket the replies come by it, and the next text need not wait for them.
    const turns = this.state.link.is === "live" ? "turns?wait=0" : "turns";
    switch (deed.does) {
      case "says":
        return [turns, { client_id: clientId, text: deed.text }];
      case "taps":
        return [turns, { client_id: clientId, option: deed.option }];
      case "judges":
        return ["feedback", { seq: deed.seq, helped: deed.helped }];
      case "rates":
        return ["rating", { score: deed.score, ...(deed.comment === "" ? {} : { comment: deed.comment }) }];
    }
  }

  async #attempt(what: string, deed: () => Promise<(state: State) => State>): Promise<void> {
    try {
      const change = await deed();
      this.#become(change(this.state));
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      this.#become(rules.failed(this.state, what, error.failure, Date.now(), Math.random()));
    }
  }

  // ---- The link -------------------------------------------------------------------------------------------------

  #tendLink(): void {
    if (this.#stop.signal.aborted) return;
    const { link } = this.state;
    if (!rules.wantsLink(this.state, this.#isOpen)) {
      this.#dropSocket();
      this.#later("link", null, () => {});
      this.#later("poll", null, () => {});
      if (link.is !== "idle") this.#become(rules.linkIdle(this.state), false);
      return;
    }
    switch (link.is) {
      case "idle":
        return this.#openSocket();
      case "lost":
        this.#later("link", Math.max(link.at - Date.now(), 0), () => this.#openSocket());
        return this.#schedulePoll();
      case "opening":
        return this.#schedulePoll();
      case "live":
        return this.#later("poll", null, () => {});
    }
  }

  #openSocket(): void {
    const { held, through } = this.state;
    if (held === null || this.#socket !== null || this.#stop.signal.aborted) return;
    const url = socketUrl(`${this.#base()}/${held.conversation}/live?after=${through}`);
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, ["firstline.v1", `token.${held.token}`]);
    } catch {
      // The page's policy forbids sockets. Asking still works.
      this.#become(rules.linkLost(this.state, Date.now(), Math.random()));
      return;
    }
    this.#socket = socket;
    this.#become(rules.linkOpening(this.state), false);
    this.#later("socket", SOCKET_OPENS_WITHIN_MS, () => this.#loseSocket(socket));
    socket.onmessage = (event: MessageEvent) => {
      if (this.#socket !== socket) return;
      const page = readPage(event.data);
      if (page === null) return;
      this.#mistrustLater();
      this.#become(rules.receives(rules.linkLive(this.state), page));
    };
    socket.onclose = () => this.#loseSocket(socket);
    this.#tendLink();
  }

  /** A socket that falls silent is checked by asking: it may have died without a word. */
  #mistrustLater(): void {
    this.#later("socket", SILENCE_MS, () => {
      if (rules.expectsPerson(this.state)) void this.#ask();
    });
  }

  #loseSocket(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#dropSocket();
    this.#become(rules.linkLost(this.state, Date.now(), Math.random()));
    // Says at once whether it is the socket, the network or the conversation that is gone.
    void this.#ask();
  }

  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#later("socket", null, () => {});
    if (socket === null) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #schedulePoll(): void {
    if (!rules.mustPoll(this.state) || this.#timers.has("poll")) return;
    this.#later("poll", document.hidden ? POLL_HIDDEN_MS : POLL_MS, () => void this.#ask());
  }

  /** Asks for what changed. Also the judge of a doubtful socket. */
  async #ask(): Promise<void> {
    const { held } = this.state;
    if (held === null || this.#isAsking || this.#stop.signal.aborted) return;
    this.#isAsking = true;
    const socket = this.#socket;
    const wasLive = this.state.link.is === "live";
    try {
      for (let n = 0; n < MAX_PAGES; n++) {
        const after = this.state.through;
        const page = await this.#call<Page>(`/${held.conversation}/turns?after=${after}&limit=${PAGE_TURNS}`, held.token);
        if (this.state.held?.conversation !== held.conversation) return;
        const isNews = page.through > this.state.through;
        this.#become(rules.receives(this.state, page));
        // The socket should have brought this.
        if (isNews && wasLive && socket !== null) this.#loseSocket(socket);
        this.#become(rules.polled(this.state, this.state.link.is !== "live"));
        if (page.turns.length < PAGE_TURNS) break;
      }
      if (wasLive && this.#socket === socket) this.#mistrustLater();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (this.state.held?.conversation !== held.conversation) return;
      if (rules.isGone(error.failure)) this.#become(rules.renews(this.state));
      else if (wasLive && socket !== null) this.#loseSocket(socket);
      else this.#become(rules.polled(this.state, false));
    } finally {
      this.#isAsking = false;
      this.#tendLink();
    }
  }

  // ---- Small things ---------------------------------------------------------------------------------------------

  #base(): string {
    return `${this.#options.server}api/v1/conversations`;
  }

  #call<T>(path: string, token: string | null, body?: unknown): Promise<T> {
    // No cookies: the widget stands on other people's sites.
    return call<T>(this.#base() + path, {
      credentials: "omit",
      signal: this.#stop.signal,
      ...(token === null ? {} : { token }),
      ...(body === undefined ? {} : { body }),
    });
  }

  /** One timer of each name; null stops it. */
  #later(name: string, ms: number | null, deed: () => void): void {
    const running = this.#timers.get(name);
    if (running !== undefined) clearTimeout(running);
    this.#timers.delete(name);
    if (ms === null || this.#stop.signal.aborted) return;
    this.#timers.set(
      name,
      setTimeout(() => {
        this.#timers.delete(name);
        deed();
      }, ms),
    );
  }
}

function readPage(data: unknown): Page | null {
  try {
    const page = JSON.parse(String(data)) as Page;
    return Array.isArray(page.turns) && typeof page.through === "number" && typeof page.phase?.name === "string" ? page : null;
  } catch {
    return null;
  }
}

/** 128 random bits. `randomUUID` is missing on plain http, where shops are tried out. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
