// Lists that agents come back to: everybody's, and one's own.

import { CallFailed } from "../../shared/api";
import type { DeskApi } from "../desk_api";
import type { SavedView } from "../wire";

export type ViewWish = Omit<SavedView, "id"> & { id?: string };

export class SavedViews {
  /** By name. */
  all = $state.raw<readonly SavedView[]>([]);

  private nChanged = 0;

  constructor(private readonly api: Pick<DeskApi, "views" | "keepView" | "removeView">) {}

  async load(): Promise<void> {
    const { nChanged } = this;
    try {
      const { views } = await this.api.views();
      // An answer from before one's own change would undo it on the screen.
      if (nChanged === this.nChanged) this.all = views;
    } catch {
      // What was known stays; the connection asks again by itself.
    }
  }

  of(id: string | undefined): SavedView | null {
    return this.all.find((view) => view.id === id) ?? null;
  }

  async keep(wish: ViewWish): Promise<SavedView> {
    const kept = await this.api.keepView(wish);
    this.change([...this.all.filter(({ id }) => id !== kept.id), kept].sort((a, b) => a.name.localeCompare(b.name)));
    return kept;
  }

  async remove({ id, is_shared }: SavedView): Promise<void> {
    try {
      await this.api.removeView(id, is_shared);
    } catch (error) {
      // A colleague was faster.
      const isGone = error instanceof CallFailed && error.failure.kind === "problem" && error.failure.problem.status === 404;
      if (!isGone) throw error;
    }
    this.change(this.all.filter((view) => view.id !== id));
  }

  private change(all: readonly SavedView[]) {
    this.nChanged++;
    this.all = all;
  }
}
