// The audit log as far as it was read, the newest first.

import type { AuditPage, TeamApi } from "../team_api";
import { Part } from "./knowledge.svelte";

export class AuditLog {
  readonly read = new Part<AuditPage>();
  readingOn = $state(false);
  /** What is older did not come; the button is still there. */
  readingFailed = $state(false);

  constructor(private readonly api: TeamApi) {}

  /** From its newest entry on. */
  async load(): Promise<void> {
    this.readingFailed = false;
    await this.read.refresh(() => this.api.audit(null));
  }

  /** Puts what is older below. Says whether something came. */
  async readOn(): Promise<boolean> {
    const known = this.read.value;
    if (!known || known.next === null || this.readingOn) return false;
    this.readingOn = true;
    this.readingFailed = false;
    try {
      const { entries, next } = await this.api.audit(known.next);
      // A log that was fetched anew meanwhile ends elsewhere: below it there would be a gap.
      if (this.read.value !== known) return false;
      this.read.value = { entries: [...known.entries, ...entries], next };
      return entries.length > 0;
    } catch {
      this.readingFailed = true;
      return false;
    } finally {
      this.readingOn = false;
    }
  }
}
