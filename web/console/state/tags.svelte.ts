// The tags that are in use, to be offered where one is put on or looked for.

import type { DeskApi } from "../desk_api";
import type { TagUse } from "../wire";

export class Tags {
  /** The most used first. */
  known = $state.raw<readonly TagUse[]>([]);

  constructor(private readonly api: Pick<DeskApi, "tags">) {}

  /** Each time they are about to be looked at: colleagues use new ones all day. */
  async load(): Promise<void> {
    try {
      this.known = (await this.api.tags()).tags;
    } catch {
      // What was known is still worth offering, and a new one can be typed.
    }
  }
}
