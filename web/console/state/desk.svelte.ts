// One agent's desk: joins the list, the open conversation, the replies and the connection.

import { CallFailed } from "../../shared/api";
import type { Act, DeskApi } from "../desk_api";
import type { Stale } from "../rules/hints";
import { hashOf, parseRoute, type Route } from "../rules/route";
import { standingOf, type Standing } from "../rules/standing";
import type { Ending, Finding, Hint, Me } from "../wire";
import { clock } from "./clock.svelte";
import { Connection } from "./connection.svelte";
import { OpenConversation } from "./conversation.svelte";
import { ConversationList } from "./list.svelte";
import { Replies } from "./replies.svelte";
import { shelf } from "./settings.svelte";

export class Desk {
  me = $state.raw() as Me;
  route = $state.raw<Route>(parseRoute(location.hash));
  findings = $state.raw<Finding[] | null>(null);
  readonly list: ConversationList;
  readonly conversation: OpenConversation;
  readonly replies: Replies;
  readonly connection: Connection;
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
      (opened) => this.replies.seen(opened.turns),
    );
    this.replies = new Replies(api, shelf, me.agent.id, {
      taken: (id, turn) => this.conversation.add(id, turn),
      refused: (id, code, agent) => this.conversation.refused(id, code, agent),
    });
    this.connection = new Connection(() => api.liveUrl(), {
      refetch: (stale) => this.refetch(stale),
      everything: () => this.everything(),
      recovered: () => this.replies.hurry(),
    });
    api.watch.reached = () => this.connection.reached();
    api.watch.outOfReach = () => this.connection.outOfReach();
  }

  start() {
    clock.start();
    void this.api.serverDate().then((date) => clock.setBy(date));
    this.follow();
    this.connection.start();
    this.replies.hurry();
  }

  stop() {
    this.replies.pause();
    this.connection.stop();
    clock.stop();
  }

  /** The address changed: by a link, the back button, or `go`. */
  follow() {
    this.route = parseRoute(location.hash);
    if (this.route.at === "findings") {
      this.conversation.show(null);
      void this.loadFindings();
      return;
    }
    this.list.show(this.route.view);
    this.conversation.show(this.route.open);
  }

  go(route: Route) {
    location.hash = hashOf(route);
    // The browser tells of it later; what follows in the same breath needs it now.
    this.follow();
  }

  /** Back from the conversation to its list. */
  leave() {
    this.go({ at: "list", view: this.list.view, open: null });
  }

  async act(act: Act, ending?: Ending): Promise<boolean> {
    return this.conversation.act(act, ending);
  }

  async loadFindings() {
    try {
      this.findings = (await this.api.findings()).findings;
    } catch {
      // The page keeps what it has; the banner says that the server is away.
    }
  }

  private everything(): Hint[] {
    const open = this.conversation.id;
    return [{ hint: "queue" }, { hint: "knowledge" }, ...(open ? [{ hint: "conversation" as const, id: open }] : [])];
  }

  private async refetch(stale: Stale): Promise<void> {
    const open = this.conversation.id;
    await Promise.all([
      stale.list && this.list.refresh(),
      open && stale.conversations.has(open) && this.conversation.refresh(),
      stale.health && this.refreshHealth(),
    ]);
  }

  private async refreshHealth() {
    try {
      this.me = await this.api.me();
      if (this.route.at === "findings") await this.loadFindings();
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
    }
  }
}
