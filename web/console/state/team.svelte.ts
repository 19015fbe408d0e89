// Who works here, in which queues, and whether one takes new conversations oneself.

import type { DeskApi } from "../desk_api";
import type { Presence, Queue, Staff } from "../wire";

/** Hands off the keyboard for this long count as away. */
export const AWAY_AFTER_MS = 10 * 60_000;

export class Team {
  staff = $state.raw<Staff[]>([]);
  queues = $state.raw<Queue[]>([]);
  /** As one said, or as it was when one came. */
  presence = $state<Presence>("online");
  private wentAwayByItself = false;
  private touchedAt = 0;

  constructor(
    private readonly api: DeskApi,
    private readonly me: string,
    private readonly now: () => number = Date.now,
  ) {
    this.touchedAt = this.now();
  }

  async load(): Promise<void> {
    try {
      const [{ agents }, { queues }] = await Promise.all([this.api.staff(), this.api.queues()]);
      this.staff = agents;
      this.queues = queues;
      const mine = agents.find(({ id }) => id === this.me)?.presence;
      // Whoever opens the console is there: the server learns it with the next sign of life.
      if (mine) this.presence = mine === "offline" ? "online" : mine;
    } catch {
      // What was known stays; the banner says that the server is away.
    }
  }

  /** Says whether the server took it. */
  async be(presence: Presence): Promise<boolean> {
    this.wentAwayByItself = false;
    return this.tell(presence);
  }

  /** The agent touched the page. */
  touched() {
    this.touchedAt = this.now();
    if (this.wentAwayByItself) {
      this.wentAwayByItself = false;
      void this.tell("online");
    }
  }

  /** Looked at now and then: nobody takes new conversations over an empty chair. */
  look() {
    if (this.presence !== "online" || this.now() - this.touchedAt < AWAY_AFTER_MS) return;
    this.wentAwayByItself = true;
    void this.tell("away");
  }

  private async tell(presence: Presence): Promise<boolean> {
    const before = this.presence;
    this.presence = presence;
    try {
      await this.api.presence(presence);
      return true;
    } catch {
      this.presence = before;
      return false;
    }
  }
}
