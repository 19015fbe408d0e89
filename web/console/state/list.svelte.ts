// The list beside the conversation: one view's rows, page by page, and how many each view holds.

import { PAGE_ROWS, type DeskApi } from "../desk_api";
import { joinRows } from "../rules/turns";
import type { Counts, Row, View } from "../wire";

/** A refresh fetches as many rows as were shown, up to this. */
const MAX_REFRESHED_ROWS = 200;

export class ConversationList {
  view = $state<View>("waiting");
  rows = $state.raw<Row[]>([]);
  next = $state<string | null>(null);
  counts = $state.raw<Counts | null>(null);
  /** `loading` only while nothing of this view can be shown yet. */
  standing = $state<"loading" | "ready" | "failed">("loading");
  loadingMore = $state(false);
  /** Counts requests, so that an answer that was overtaken changes nothing. */
  private asked = 0;

  constructor(private readonly api: DeskApi) {}

  show(view: View) {
    if (view === this.view && this.standing !== "failed") return;
    this.view = view;
    this.rows = [];
    this.next = null;
    this.standing = "loading";
    void this.refresh();
  }

  async refresh(): Promise<void> {
    const request = ++this.asked;
    const wanted = Math.min(MAX_REFRESHED_ROWS, Math.max(PAGE_ROWS, this.rows.length));
    try {
      const pages: Row[][] = [];
      let cursor: string | null = null;
      let nRows = 0;
      do {
        const page = await this.api.list(this.view, cursor);
        if (request !== this.asked) return;
        this.counts = page.counts;
        pages.push(page.conversations);
        nRows += page.conversations.length;
        cursor = page.next;
      } while (cursor && nRows < wanted);
      this.rows = joinRows(pages);
      this.next = cursor;
      this.standing = "ready";
    } catch {
      // What is shown stays: old rows are better than none, and the banner says that they are old.
      if (request === this.asked && this.standing === "loading") this.standing = "failed";
    }
  }

  async more(): Promise<void> {
    if (!this.next || this.loadingMore) return;
    const request = this.asked;
    this.loadingMore = true;
    try {
      const page = await this.api.list(this.view, this.next);
      // A refresh in between brought its own cursor.
      if (request !== this.asked) return;
      this.rows = joinRows([this.rows, page.conversations]);
      this.next = page.next;
      this.counts = page.counts;
    } catch {
      // The button stays and can be pressed again.
    } finally {
      this.loadingMore = false;
    }
  }

  /** A row that changed by our own hand, before the server's hint arrives. */
  replace(row: Row) {
    this.rows = this.rows.map((known) => (known.id === row.id ? row : known));
  }
}
