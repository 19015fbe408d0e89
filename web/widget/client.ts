// Carries out what the rules want: keeps the state on the shelf, empties the outbox, holds the socket or asks for turns.
// Decides nothing itself, and touches no element.

import type { Attachment, Choice, Page, Phase, Turn } from "../shared/api";
import { call, CALL_LIMIT_MS, CallFailed, socketUrl, type CallOptions } from "../shared/api";
import type { FirstlineAttributes } from "./firstline";
import * as rules from "./rules";
import type { Acknowledgement, Held, Pending, State } from "./rules";
import type { News, Shelf } from "./shelf";
import type { Field } from "./site";

/** Between the beginnings of two requests for turns while there is no socket. */
export const POLL_MS = 3_000;
/** The server holds such a request for so long while nothing changes. */
export const POLL_WAIT_SECS = 25;
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
/** While the customer types, the agent is told so often. */
export const TYPING_EVERY_MS = 3_000;
/** What was seen is told after so long, not turn by turn. */
const SEEN_AFTER_MS = 300;
/** Whoever waits for a conversation to begin, for a file, gives up after this. */
const BEGINS_WITHIN_MS = 20_000;

export interface ClientOptions {
  /** Where the server is, ending in a slash. */
  server: string;
  site: string;
  language: string;
  shelf: Shelf;
  keepDays: number;
  onChange: (state: State) => void;
  /** A token that the server does not take, in a conversation that goes on without it. */
  onBadIdentity: () => void;
}

/** The answers to a form before the first question; unproven. */
export type Details = Readonly<Partial<Record<Field, string>>>;

export class Client {
  state: State;
  readonly #options: ClientOptions;
  readonly #stop = new AbortController();
  readonly #stopListening: () => void;
  #socket: WebSocket | null = null;
  #isOpen = false;
  #isAsking = false;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #polling: AbortController | null = null;
  #identity: string | null = null;
  #attributes: FirstlineAttributes = {};
  #details: Details = {};
  #typedAt = 0;
  #pollFrom = 0;
  #standing = "";
  #toldSeen = 0;
  /** Called at every change. */
  #waiting: (() => void)[] = [];

  constructor(options: ClientOptions) {
    const { shelf, keepDays } = options;
    this.#options = options;
    if (rules.isExpired(shelf.saved(), keepDays, Date.now())) shelf.save(null);
    this.state = rules.resume(shelf.saved(), shelf.pending());
    this.#stopListening = shelf.onChange(
      () => this.#become(rules.adopts(this.state, shelf.saved())),
      (news) => this.#hears(news),
    );
    this.#tend();
  }

  says(text: string, files: readonly Attachment[] = []): void {
    this.types(false);
    this.#become(rules.says(this.state, freshId(), text, Date.now(), files));
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
    const before = this.state.seen;
    this.#become(rules.sees(this.state));
    const { held, seen, turns } = this.state;
    if (held === null || seen === before) return;
    this.#options.shelf.tells({ conversation: held.conversation, seen, unseen: rules.countUnseen(this.state) });
    // Nobody but an agent cares whether it was read.
    if (!turns.some((turn) => turn.by === "agent" && turn.seq > this.#toldSeen)) return;
    this.#later("seen", SEEN_AFTER_MS, () => {
      this.#toldSeen = this.state.seen;
      this.#tell("read", { through: this.state.seen });
    });
  }

  /** The customer is writing, or has stopped. Only an agent is told, and never what. */
  types(isTyping: boolean): void {
    if (this.state.phase?.name !== "with_agent" || this.state.held === null) return;
    const now = Date.now();
    if (isTyping ? now - this.#typedAt < TYPING_EVERY_MS : this.#typedAt === 0) return;
    this.#typedAt = isTyping ? now : 0;
    this.#tell("typing", { typing: isTyping });
  }

  // ---- Who it is ------------------------------------------------------------------------------------------------

  /** What the site vouches for. A customer other than the conversation's begins a conversation of their own. */
  identifies(token: string): void {
    this.#identity = token;
    const { held } = this.state;
    if (held === null) return this.#become(rules.unbars(this.state));
    void this.#attach(held, token);
  }

  async #attach(held: Held, token: string): Promise<void> {
    try {
      await this.#call(`/${held.conversation}/identify`, held.token, { identity: token });
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (this.state.held !== held || this.#identity !== token) return;
      if (error.code === "other_customer") this.#departs();
      // The conversation goes on as it was; only another one would need a good token.
      else if (error.code === "bad_identity") this.#options.onBadIdentity();
      else this.#later("identify", rules.LONGEST_RETRY_MS, () => void this.#attach(held, token));
    }
  }

  describes(attributes: FirstlineAttributes): void {
    this.#attributes = { ...this.#attributes, ...attributes };
    if (this.state.held !== null) this.#tell("attributes", { attributes: this.#attributes });
  }

  fillsIn(details: Details): void {
    this.#details = details;
  }

  /** The customer signed out: nothing of theirs stays here. */
  signsOut(): void {
    this.#identity = null;
    this.#details = {};
    this.#options.shelf.tells({ out: true });
    this.#departs();
  }

  #departs(): void {
    this.#options.shelf.forget();
    this.#toldSeen = 0;
    this.#become(rules.departs());
  }

  #hears(news: News): void {
    if ("out" in news) this.#departs();
    else if (news.conversation === this.state.held?.conversation) this.#become(rules.sees(this.state, news.seen));
  }

  // ---- Beside the turns -----------------------------------------------------------------------------------------

  /** The conversation, begun if it must be: a file needs somewhere to go. Rejects with `CallFailed`. */
  async begins(): Promise<Held> {
    this.#become(rules.reaches(this.state));
    const deadline = Date.now() + BEGINS_WITHIN_MS;
    while (this.state.held === null) {
      if (this.#stop.signal.aborted || this.state.barred !== null || Date.now() > deadline) throw new CallFailed({ kind: "unreachable" });
      await new Promise<void>((next) => this.#waiting.push(next));
    }
    return this.state.held;
  }

  /** Where something of the conversation is, and with which token. */
  async address(path: string): Promise<{ url: string; token: string }> {
    const { conversation, token } = await this.begins();
    return { url: `${this.#base()}/${conversation}/${path}`, token };
  }

  /** One call beside the turns, once. Rejects with `CallFailed`. */
  async asks<T>(path: string, body: unknown): Promise<T> {
    const { conversation, token } = await this.begins();
    return this.#call<T>(`/${conversation}/${path}`, token, body);
  }

  leftContact(): void {
    this.#become(rules.leavesContact(this.state));
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
    else this.#stopWaiting();
    this.#tend();
  }

  /** The page is put away, perhaps to come back: a held socket would keep the browser from keeping the page. */
  sleeps(): void {
    this.#dropSocket();
    this.#become(rules.linkIdle(this.state), false);
  }

  destroy(): void {
    this.#stop.abort();
    this.#stopWaiting();
    this.#wake();
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
    if (JSON.stringify(saved) !== JSON.stringify(rules.toSave(before))) {
      this.#options.shelf.save(saved === null ? null : { ...saved, at: Date.now() });
    }
    if (before.held?.conversation !== state.held?.conversation) {
      this.#dropSocket();
      // Else nothing of the new conversation is asked for until the old one's question has run out.
      this.#stopWaiting();
    }
    this.#options.onChange(state);
    this.#wake();
    if (goOn) this.#tend();
  }

  #wake(): void {
    for (const next of this.#waiting.splice(0)) next();
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
    this.#become(rules.setsOut(this.state, rules.OPENING), false);
    await this.#options.shelf.alone(() => this.#openAlone());
  }

  async #openAlone(): Promise<void> {
    const { shelf, site, language } = this.#options;
    // Another tab has begun a moment ago: its conversation is ours too.
    this.#become(rules.adopts(this.state, shelf.saved()));
    if (this.state.sending !== rules.OPENING) return;
    // The same client id gives the same conversation, should the browser not keep the tabs apart.
    const clientId = this.state.clientId ?? shelf.saved()?.client_id ?? freshId();
    this.#become(rules.names(this.state, clientId), false);
    const page = { url: location.href, title: document.title, referrer: document.referrer };
    await this.#attempt(rules.OPENING, async () => {
      const answer = await this.#call<{ conversation: string; token: string; turns: Turn[]; phase: Phase }>("", null, {
        client_id: clientId,
        site,
        language,
        page,
        time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
        ...(this.#identity === null ? {} : { identity: this.#identity }),
        ...(Object.keys(this.#attributes).length === 0 ? {} : { attributes: this.#attributes }),
        ...(Object.keys(this.#details).length === 0 ? {} : { details: this.#details }),
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
        return [turns, { client_id: clientId, text: deed.text, ...(deed.files === undefined ? {} : { attachments: deed.files.map((file) => file.id) }) }];
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
        this.#stopWaiting();
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
      this.#become(rules.receives(rules.linkLive(this.state), page, Date.now()));
    };
    socket.onclose = socket.onerror = () => this.#loseSocket(socket);
    // A page's policy may swallow a socket without a word; then asking goes on meanwhile.
    this.#pollFrom = Date.now();
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
    socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  #schedulePoll(): void {
    if (!rules.mustPoll(this.state) || this.#timers.has("poll") || this.#isAsking) return;
    const isHidden = document.hidden;
    const ms = isHidden ? POLL_HIDDEN_MS : Math.max(this.#pollFrom + POLL_MS - Date.now(), 0);
    this.#later("poll", ms, () => {
      this.#pollFrom = Date.now();
      // Somebody who looks gets what is said at once: the server answers when it has something.
      void this.#ask(isHidden ? 0 : POLL_WAIT_SECS);
    });
  }

  /** Asks for what changed, and waits at the server for it if asked to. Also the judge of a doubtful socket. */
  async #ask(waitSecs = 0): Promise<void> {
    const { held } = this.state;
    if (held === null || this.#stop.signal.aborted) return;
    if (this.#isAsking) return waitSecs === 0 ? this.#stopWaiting() : undefined;
    this.#isAsking = true;
    const polling = waitSecs === 0 ? null : new AbortController();
    this.#polling = polling;
    const socket = this.#socket;
    const wasLive = this.state.link.is === "live";
    try {
      for (let n = 0; n < MAX_PAGES; n++) {
        const { through } = this.state;
        const wait = waitSecs === 0 || n > 0 ? "" : `&wait=${waitSecs}&standing=${this.#standing}`;
        const page = await this.#call<Page>(`/${held.conversation}/turns?after=${through}&limit=${PAGE_TURNS}${wait}`, held.token, undefined, {
          signal: (polling ?? this.#stop).signal,
          limitMs: CALL_LIMIT_MS + 1_000 * waitSecs,
        });
        if (this.state.held?.conversation !== held.conversation) return;
        this.#standing = page.standing ?? "";
        const isNews = page.through > this.state.through;
        // What comes next is not to be waited for.
        if (isNews) this.#pollFrom = 0;
        this.#become(rules.receives(this.state, page, Date.now()));
        // The socket should have brought this.
        if (isNews && wasLive && socket !== null) this.#loseSocket(socket);
        this.#become(rules.polled(this.state, this.state.link.is !== "live"));
        if (page.turns.length < PAGE_TURNS) break;
      }
      if (wasLive && this.#socket === socket) this.#mistrustLater();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (this.state.held?.conversation !== held.conversation) return;
      if (polling?.signal.aborted) this.#pollFrom = 0;
      else if (rules.isGone(error.failure)) this.#become(rules.renews(this.state));
      else if (wasLive && socket !== null) this.#loseSocket(socket);
      else this.#become(rules.polled(this.state, false));
    } finally {
      this.#isAsking = false;
      this.#polling = null;
      this.#tendLink();
    }
  }

  /** A request that waits at the server is given up, to ask anew or not at all. */
  #stopWaiting(): void {
    this.#polling?.abort();
  }

  // ---- Small things ---------------------------------------------------------------------------------------------

  #base(): string {
    return `${this.#options.server}api/v1/conversations`;
  }

  #call<T>(path: string, token: string | null, body?: unknown, more: CallOptions = {}): Promise<T> {
    // No cookies: the widget stands on other people's sites.
    return call<T>(this.#base() + path, {
      credentials: "omit",
      signal: this.#stop.signal,
      ...(token === null ? {} : { token }),
      ...(body === undefined ? {} : { body }),
      ...more,
    });
  }

  /** What is worth saying once and no second try. */
  #tell(what: string, body: unknown): void {
    const { held } = this.state;
    if (held !== null) void this.#call(`/${held.conversation}/${what}`, held.token, body).catch(() => {});
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
