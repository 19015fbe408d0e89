// The Telegram bots, and how they are doing.

import type { Bot, TeamApi } from "../team_api";
import { Part } from "./knowledge.svelte";

/** Nothing hints at a change of theirs. */
const LOOK_EVERY_MS = 10_000;

export class Bots {
  readonly all = new Part<Bot[]>();

  constructor(private readonly api: TeamApi) {}

  /** Looks again and again. Returns how to stop. */
  watch(): () => void {
    const look = () => void this.all.refresh(async () => (await this.api.bots()).bots);
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }
}
