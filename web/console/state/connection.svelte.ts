// The way to the server: a live socket that brings hints, polling beside it, and the truth about both.

import { socketUrl } from "../../shared/api";
import { linkOf, pollEvery, reconnectWait, SLEPT_MS } from "../rules/connection";
import { add, GATHER_MS, Gatherer, LATER_MS, nothing, parseHint, type Stale } from "../rules/hints";
import { parseLookers, parseTyping, type TypingFrame } from "../rules/typing";
import type { Hint } from "../wire";

/** A window that nobody looks at needs its counts, not every word. */
const GATHER_HIDDEN_MS = 3_000;
const HEARTBEAT_MS = 5_000;

export interface Reactions {
  refetch(stale: Stale): Promise<void>;
  /** The conversation stands on the screen, open or as a row. */
  isShown(id: string): boolean;
  /** Something may have been missed: fetch all that is shown. */
  everything(): Hint[];
  /** A customer's hands began or ceased to type. */
  typing(frame: TypingFrame): void;
  /** Other agents look at this conversation, or write there, than before. */
  lookers(id: string): void;
  /** The server can be reached again. */
  recovered(): void;
}

export class Connection {
  private browserOnline = $state(navigator.onLine);
  private socketOpen = $state(false);
  private lastFetchOk = $state(true);
  readonly link = $derived(
    linkOf({ browserOnline: this.browserOnline, socketOpen: this.socketOpen, lastFetchOk: this.lastFetchOk }),
  );
  private socket: WebSocket | null = null;
  private laterTimer: ReturnType<typeof setTimeout> | undefined;
  private nFailures = 0;
  private reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private beatAt = 0;
  private polledAt = 0;
  private readonly gatherer: Gatherer;
  private readonly unlisten: (() => void)[] = [];

  constructor(
    private readonly url: () => string,
    private readonly reactions: Reactions,
  ) {
    this.gatherer = new Gatherer(
      (stale) => this.reactions.refetch(stale),
      { now: () => Date.now(), after: (ms, run) => void setTimeout(run, ms) },
      () => (document.hidden ? GATHER_HIDDEN_MS : GATHER_MS),
    );
  }

  start() {
    this.stop();
    this.beatAt = this.polledAt = Date.now();
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.listen(window, "online", () => {
      this.browserOnline = true;
      this.reconnectNow();
    });
    this.listen(window, "offline", () => {
      this.browserOnline = false;
    });
    this.listen(document, "visibilitychange", () => {
      // Who looks again sees the truth at once and does not wait for the gatherer.
      if (!document.hidden) void this.reactions.refetch(this.reactions.everything().reduce(add, nothing()));
    });
    this.connect();
    this.refetchAll();
  }

  stop() {
    clearInterval(this.heartbeat);
    clearTimeout(this.reconnectTimer);
    clearTimeout(this.laterTimer);
    this.laterTimer = undefined;
    for (const unlisten of this.unlisten.splice(0)) unlisten();
    this.drop();
  }

  /** What a call found out about the server. */
  reached() {
    const wasAway = !this.lastFetchOk;
    this.lastFetchOk = true;
    if (wasAway) this.reactions.recovered();
  }

  outOfReach() {
    this.lastFetchOk = false;
  }

  reconnectNow() {
    clearTimeout(this.reconnectTimer);
    this.nFailures = 0;
    this.drop();
    this.connect();
    this.refetchAll();
  }

  private connect() {
    const socket = new WebSocket(socketUrl(this.url()));
    this.socket = socket;
    socket.onopen = () => {
      this.socketOpen = true;
      this.nFailures = 0;
      this.reactions.recovered();
      // Hints that were given while the socket was away are gone.
      this.refetchAll();
    };
    socket.onmessage = ({ data }) => {
      const hint = parseHint(data);
      if (hint?.hint === "conversation" && !this.reactions.isShown(hint.id)) return this.later();
      if (hint) return this.gatherer.take(hint);
      const typing = parseTyping(data);
      if (typing) return this.reactions.typing(typing);
      const looked = parseLookers(data);
      if (looked) this.reactions.lookers(looked);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      // One request tells whether the server is gone or only the socket.
      if (this.socketOpen) this.refetchAll();
      this.drop();
      this.reconnectTimer = setTimeout(() => this.connect(), reconnectWait(this.nFailures++, Math.random()));
    };
  }

  /** The list is fetched again, but not for every word that is said somewhere. */
  private later() {
    this.laterTimer ??= setTimeout(() => {
      this.laterTimer = undefined;
      this.gatherer.take({ hint: "queue" });
    }, LATER_MS);
  }

  /** Leaves the socket without hearing of it again. */
  private drop() {
    const socket = this.socket;
    this.socket = null;
    this.socketOpen = false;
    socket?.close();
  }

  private beat() {
    const now = Date.now();
    const slept = now - this.beatAt > SLEPT_MS;
    this.beatAt = now;
    if (slept) return this.reconnectNow();
    if (now - this.polledAt >= pollEvery(this.socketOpen)) this.refetchAll();
  }

  private refetchAll() {
    this.polledAt = Date.now();
    for (const hint of this.reactions.everything()) this.gatherer.take(hint);
  }

  private listen(on: Window | Document, event: string, react: () => void) {
    on.addEventListener(event, react);
    this.unlisten.push(() => on.removeEventListener(event, react));
  }
}
