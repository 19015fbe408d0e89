// The list beside the conversation: one view's rows, page by page, and how many each view holds.

import { PAGE_ROWS, type DeskApi, type Filter } from "../desk_api";
import { filterOf, isChanged } from "../rules/saved_views";
import { joinRows, tailOf } from "../rules/turns";
import type { Counts, Row, SavedView, View } from "../wire";

/** The largest page that the server gives. */
const MAX_PAGE_ROWS = 200;

export class ConversationList {
  view = $state<View>("waiting");
  filter = $state.raw<Filter>({});
  /** The saved view that is listed. */
  saved = $state.raw<SavedView | null>(null);
  rows = $state.raw<Row[]>([]);
  next = $state<string | null>(null);
  counts = $state.raw<Counts | null>(null);
  /** `loading` only while nothing of this view can be shown yet. */
  standing = $state<"loading" | "ready" | "failed">("loading");
  loadingMore = $state(false);
  readonly isNarrowed = $derived(Object.values(this.filter).some(Boolean));
  /** How one works outside of saved views, whose filters go with them. */
  private own: Filter = {};
  /** Counts requests, so that an answer that was overtaken changes nothing. */
  private asked = 0;

  constructor(private readonly api: DeskApi) {}

  show(view: View, saved: SavedView | null = null) {
    const before = this.saved;
    this.saved = saved;
    if (view === this.view && saved?.id === before?.id && this.standing !== "failed") return;
    this.view = view;
    if (!before) {
      // Words belong to the search that was made; queue and language are how one works.
      const { words: _, ...kept } = this.filter;
      this.own = kept;
    }
    this.filter = saved ? filterOf(saved) : this.own;
    this.begin();
  }

  /** A saved view is asked for that may be listed already: then what was narrowed since is let go. */
  again(saved: SavedView) {
    if (saved.id === this.saved?.id && isChanged(saved, this.view, this.filter)) this.narrow(filterOf(saved));
  }

  /** What is listed now has a name: its filters are the saved view's from here on. */
  keptAs(saved: SavedView) {
    if (!this.saved) this.own = {};
    this.saved = saved;
  }

  narrow(filter: Filter) {
    this.filter = filter;
    this.begin();
  }

  /** The first page anew; what was scrolled to below it stays as it was fetched. */
  async refresh(): Promise<void> {
    const request = ++this.asked;
    try {
      const page = await this.api.list(this.view, null, this.filter, this.rows.length > PAGE_ROWS ? MAX_PAGE_ROWS : PAGE_ROWS);
      if (request !== this.asked) return;
      this.counts = page.counts;
      const tail = page.next ? tailOf(this.rows, page.conversations) : [];
      this.rows = joinRows([page.conversations, tail]);
      if (!tail.length) this.next = page.next;
      this.standing = "ready";
    } catch {
      // What is shown stays: old rows are better than none, and the banner says that they are old.
      if (request === this.asked && this.standing === "loading") this.standing = "failed";
    }
  }

  async more(): Promise<void> {
    if (!this.next || this.loadingMore) return;
    const cursor = this.next;
    const { view, filter } = this;
    this.loadingMore = true;
    try {
      const page = await this.api.list(view, cursor, filter, MAX_PAGE_ROWS);
      // Another view, or another place in it, was chosen in between.
      if (view !== this.view || filter !== this.filter || cursor !== this.next) return;
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

  private begin() {
    this.rows = [];
    this.next = null;
    this.standing = "loading";
    void this.refresh();
  }
}
