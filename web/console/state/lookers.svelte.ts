// Which colleagues look at the open conversation, and who of them writes. Says so of oneself, too.

import type { DeskApi } from "../desk_api";
import type { Looker } from "../wire";

/** The server forgets a look after 45 seconds. */
const SAY_EVERY_MS = 20_000;
/** Writing is forgotten after eight. */
const WRITES_EVERY_MS = 5_000;

export class Lookers {
  others = $state.raw<Looker[]>([]);
  private id: string | null = null;
  private saidWriting = -Infinity;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly api: Pick<DeskApi, "look">,
    private readonly now: () => number = Date.now,
  ) {}

  show(id: string | null) {
    if (id === this.id) return;
    if (this.id) void this.say(this.id, { gone: true });
    clearInterval(this.timer);
    this.id = id;
    this.others = [];
    this.saidWriting = -Infinity;
    if (!id) return;
    void this.say(id, {});
    this.timer = setInterval(() => void this.again(), SAY_EVERY_MS);
  }

  /** Something is typed here, for the customer or for colleagues. */
  writes(id: string) {
    if (id !== this.id || this.now() - this.saidWriting < WRITES_EVERY_MS) return;
    this.saidWriting = this.now();
    void this.say(id, { writing: true });
  }

  /** Somebody came, went, or began to write. */
  hinted(id: string) {
    if (id === this.id) void this.again();
  }

  stop() {
    this.show(null);
  }

  private again() {
    if (!this.id) return;
    return this.say(this.id, { writing: this.now() - this.saidWriting < WRITES_EVERY_MS });
  }

  private async say(id: string, what: { writing?: boolean; gone?: boolean }) {
    try {
      const { agents } = await this.api.look(id, what);
      if (id === this.id) this.others = agents;
    } catch {
      // Said again soon; until then nobody is claimed to be there.
      if (id === this.id) this.others = [];
    }
  }
}
