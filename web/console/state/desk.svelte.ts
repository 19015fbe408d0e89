// One agent's desk: joins the list, the open conversation, the replies and the connection.

import { CallFailed } from "../../shared/api";
import type { Act, DeskApi } from "../desk_api";
import { mentioned } from "../rules/mentions";
import type { Brings } from "../rules/canned";
import type { Stale } from "../rules/hints";
import { hashOf, parseRoute, type Route } from "../rules/route";
import { viewOf } from "../rules/saved_views";
import { headline, standingOf, type Standing } from "../rules/standing";
import { Hands } from "../rules/typing";
import type { Finding, Hint, Me, Opened, Row, SavedView } from "../wire";
import { clock } from "./clock.svelte";
import { KnowledgeApi } from "../knowledge_api";
import { Connection } from "./connection.svelte";
import { OpenConversation } from "./conversation.svelte";
import { KnowledgeDesk } from "./knowledge.svelte";
import { ConversationList } from "./list.svelte";
import { Lookers } from "./lookers.svelte";
import { Notifier } from "./notifier.svelte";
import { ReadyTexts } from "./canned.svelte";
import { Replies } from "./replies.svelte";
import { SavedViews, type ViewWish } from "./saved_views.svelte";
import type { Sites } from "./sites.svelte";
import { shelf, t } from "./settings.svelte";
import { Tags } from "./tags.svelte";
import { Team } from "./team.svelte";
import { Uploads } from "./uploads.svelte";

const LOOK_EVERY_MS = 30_000;

export class Desk {
  me = $state.raw() as Me;
  route = $state.raw<Route>(parseRoute(location.hash));
  findings = $state.raw<Finding[] | null>(null);
  readonly list: ConversationList;
  readonly conversation: OpenConversation;
  readonly replies: Replies;
  readonly uploads: Uploads;
  readonly connection: Connection;
  readonly team: Team;
  readonly knowledge: KnowledgeDesk;
  readonly lookers: Lookers;
  readonly ready: ReadyTexts;
  readonly tags: Tags;
  readonly savedViews: SavedViews;
  readonly notifier: Notifier;
  /** Made by the Team page, which comes later; kept here, so that a look that is not saved outlives the page. */
  sites: Sites | null = null;
  private looks: ReturnType<typeof setInterval> | undefined;
  private readonly hands = new Hands();
  private readonly marked = new Map<string, number>();
  readonly standing: Standing | null = $derived.by(() => {
    const row = this.conversation.opened?.conversation;
    return row ? standingOf(row, this.me.agent.id) : null;
  });

  constructor(
    readonly api: DeskApi,
    me: Me,
  ) {
    this.me = me;
    this.list = new ConversationList(api);
    this.conversation = new OpenConversation(
      api,
      (row) => {
        if (row) this.list.replace(row);
        void this.list.refresh();
      },
      (opened) => {
        this.replies.seen(opened.turns);
        this.markRead(opened);
      },
    );
    this.replies = new Replies(api, shelf, me.agent.id, {
      taken: (id, turn) => this.conversation.add(id, turn),
      refused: (id, code, agent, detail) => this.conversation.refused(id, code, agent, detail),
    });
    this.uploads = new Uploads(api);
    this.team = new Team(api, me.agent.id);
    this.replies.called = (text, picked) => this.called(text, picked);
    this.lookers = new Lookers(api);
    this.ready = new ReadyTexts(api);
    this.tags = new Tags(api);
    this.savedViews = new SavedViews(api);
    this.notifier = new Notifier({
      waiting: (n) => t("n_waiting", { n }),
      mentioned: (n) => t("n_mentioned", { n }),
      wrote: (row) => t("said_by", { who: t("customer"), text: row.last?.text || headline(row) || "" }),
      open: (row) => this.go({ at: "list", view: "mine", open: row.id }),
      openMentioned: () => this.go({ at: "list", view: "mentioned", open: null }),
    });
    this.knowledge = new KnowledgeDesk(new KnowledgeApi((path, options) => api.ask(path, options)), me.agent.role !== "agent");
    this.connection = new Connection(() => api.liveUrl(), {
      refetch: (stale) => this.refetch(stale),
      isShown: (id) => id === this.conversation.id || this.list.rows.some((row) => row.id === id),
      everything: () => this.everything(),
      typing: (frame) => this.conversation.typing(frame),
      lookers: (id) => this.lookers.hinted(id),
      recovered: () => this.replies.hurry(),
    });
    api.watch.reached = () => this.connection.reached();
    api.watch.outOfReach = () => this.connection.outOfReach();
  }

  /** Null when it worked; else the code of the refusal, "" when nobody answered. */
  async setPicture(file: File | null): Promise<{ code: string; limitBytes: number | null } | null> {
    try {
      const avatar = await this.api.picture(file);
      const { avatar: _, ...agent } = this.me.agent;
      this.me = { ...this.me, agent: avatar ? { ...agent, avatar } : agent };
      return null;
    } catch (error) {
      const problem = error instanceof CallFailed && error.failure.kind === "problem" ? error.failure.problem : null;
      const limit = problem?.["max_bytes"];
      return { code: problem?.code ?? "", limitBytes: typeof limit === "number" ? limit : null };
    }
  }

  start() {
    clock.start();
    void this.api.serverDate().then((date) => clock.setBy(date));
    this.follow();
    this.connection.start();
    this.replies.hurry();
    void this.team.load();
    this.looks = setInterval(() => this.team.look(), LOOK_EVERY_MS);
  }

  stop() {
    clearInterval(this.looks);
    this.lookers.stop();
    this.replies.pause();
    this.connection.stop();
    clock.stop();
  }

  /** The address changed: by a link, the back button, or `go`. */
  follow() {
    this.route = parseRoute(location.hash);
    if (this.route.at !== "list") {
      this.conversation.show(null);
      this.lookers.show(null);
      if (this.route.at === "knowledge") void this.loadFindings();
      return;
    }
    this.showList();
    this.conversation.show(this.route.open);
    this.lookers.show(this.route.open);
    if (this.route.open) void this.replies.findDraft(this.route.open);
  }

  /** A saved view that nobody knows, or nobody knows yet, is the view that its address names. */
  private showList() {
    if (this.route.at !== "list") return;
    const saved = this.savedViews.of(this.route.saved);
    this.list.show(saved ? viewOf(saved) : this.route.view, saved);
  }

  /** A conversation, or none, beside the list that is shown. */
  beside(open: string | null): Route {
    const { view, saved } = this.list;
    return { at: "list", view, open, ...(saved && { saved: saved.id }) };
  }

  /** Where a saved view is listed. */
  placeOf(saved: SavedView, open: string | null = null): Route {
    return { at: "list", view: viewOf(saved), open, saved: saved.id };
  }

  go(route: Route) {
    location.hash = hashOf(route);
    // The browser tells of it later; what follows in the same breath needs it now.
    this.follow();
  }

  /** Back from the conversation to its list. */
  leave() {
    this.go(this.beside(null));
  }

  /** The row after it, or null where it did not work. */
  async act(act: Act, body?: object): Promise<Row | null> {
    return this.conversation.act(act, body);
  }

  /** Ends the conversation as solved once nothing of it is on its way any more, whatever is looked at by then; a reply that was
   * refused keeps it open. */
  async resolveWhenSent(id: string): Promise<void> {
    await this.replies.settled(id);
    if (!this.replies.of(id).length) await this.conversation.act("resolve", { outcome: "solved" }, id);
  }

  /**
   * What a canned reply brings with it, once the reply that was sent last is taken: its tags, then the end. A reply that was refused
   * brings nothing; where the tags could not be put on the conversation stays open, so that somebody looks.
   */
  async bringWhenSent(id: string, { tags, ends }: Brings): Promise<void> {
    const sent = this.replies.of(id).at(-1)?.clientId;
    await this.replies.settled(id);
    if (this.replies.of(id).some(({ clientId }) => clientId === sent)) return;
    if (tags.length && !(await this.conversation.tag({ add: tags }, id))) return;
    if (ends) await this.resolveWhenSent(id);
  }

  /** Saves the list under a name, or changes a saved view, and lists it. */
  async keepView(wish: ViewWish): Promise<void> {
    const kept = await this.savedViews.keep(wish);
    this.list.keptAs(kept);
    this.go(this.placeOf(kept, this.conversation.id));
  }

  async removeView(saved: SavedView): Promise<void> {
    await this.savedViews.remove(saved);
    if (this.route.at === "list" && this.route.saved === saved.id) this.go({ at: "list", view: viewOf(saved), open: this.route.open });
  }

  /** Whom a note calls, of those who work here. */
  private async called(text: string, picked: readonly string[]): Promise<string[]> {
    // A note that was kept over a reload goes out before anybody is known.
    if (text.includes("@") && !this.team.staff.length) await this.team.load();
    return mentioned(text, this.team.staff, this.me.agent.id, picked);
  }

  /** Says which article was right; null: none. Says whether it was kept. */
  async judge(id: string, seq: number, article: string | null): Promise<boolean> {
    try {
      await this.api.judge(id, seq, article);
      return true;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return false;
    }
  }

  /** The agent's draft changed: the customer may see that somebody types, never what. */
  types(id: string, text: string) {
    if (text.trim()) this.lookers.writes(id);
    const told = text.trim() ? this.hands.types(id, Date.now()) : this.hands.rest(id);
    // It is gone in seconds, so a call that failed is not worth another.
    if (told) this.api.typing(id, text.trim() !== "").catch(() => {});
  }

  /** What was typed is sent; the server knows that the hands rest. */
  handsRest(id: string) {
    this.hands.rest(id);
  }

  async loadFindings() {
    try {
      this.findings = (await this.api.findings()).findings;
    } catch {
      // The page keeps what it has; the banner says that the server is away.
    }
  }

  /** Who only looks on at what is the bot's or a colleague's has not read it for the customer. */
  private markRead({ conversation, through }: Opened) {
    const standing = standingOf(conversation, this.me.agent.id).name;
    const isRead = !document.hidden && (standing === "mine" || standing === "waiting");
    if (!isRead || through <= (this.marked.get(conversation.id) ?? 0)) return;
    this.marked.set(conversation.id, through);
    // The next look tries again.
    this.api.read(conversation.id, through).catch(() => this.marked.delete(conversation.id));
  }

  private everything(): Hint[] {
    const open = this.conversation.id;
    return [{ hint: "queue" }, { hint: "knowledge" }, ...(open ? [{ hint: "conversation" as const, id: open }] : [])];
  }

  private async refetch(stale: Stale): Promise<void> {
    const open = this.conversation.id;
    await Promise.all([
      stale.list && this.list.refresh().then(() => this.ringTheBell()),
      open && stale.conversations.has(open) && this.conversation.refresh(),
      stale.health && this.refreshHealth(),
    ]);
  }

  /** What stands with oneself is asked for apart where the list shows something else. */
  private async ringTheBell() {
    const { view, filter, rows, counts } = this.list;
    if (!counts) return;
    const isShown = view === "mine" && !Object.values(filter).some(Boolean);
    try {
      const mine = isShown ? rows : counts.mine ? (await this.api.list("mine", null)).conversations : [];
      this.notifier.look(counts.waiting, mine, this.conversation.id, counts.mentioned);
    } catch {
      // The next refresh rings.
    }
  }

  private async refreshHealth() {
    void this.ready.load(true);
    void this.savedViews.load().then(() => this.showList());
    try {
      this.me = await this.api.me();
      if (this.route.at === "knowledge") await Promise.all([this.loadFindings(), this.knowledge.load()]);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
    }
  }
}
