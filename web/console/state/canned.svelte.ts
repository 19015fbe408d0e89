// Texts that are ready to be sent: the agent's canned replies, everybody's, and the articles' titles.

import type { DeskApi } from "../desk_api";
import type { Titled } from "../rules/canned";
import type { Canned } from "../wire";

export class ReadyTexts {
  canned = $state.raw<Canned[]>([]);
  articles = $state.raw<Titled[]>([]);
  private loaded = false;

  constructor(private readonly api: Pick<DeskApi, "canned" | "keepCanned" | "removeCanned" | "articleTitles" | "articleText">) {}

  /** Once, when they are first looked for; again after the articles changed. */
  async load(anew = false): Promise<void> {
    if (this.loaded && !anew) return;
    this.loaded = true;
    try {
      const [{ replies }, { articles }] = await Promise.all([this.api.canned(), this.api.articleTitles()]);
      this.canned = replies;
      this.articles = articles;
    } catch {
      // The next slash tries again.
      this.loaded = false;
    }
  }

  async keep(wish: Omit<Canned, "id"> & { id?: string }): Promise<void> {
    const kept = await this.api.keepCanned(wish);
    this.canned = [...this.canned.filter(({ id }) => id !== kept.id), kept].sort((a, b) => a.name.localeCompare(b.name));
  }

  async remove({ id, is_shared }: Canned): Promise<void> {
    await this.api.removeCanned(id, is_shared);
    this.canned = this.canned.filter((one) => one.id !== id);
  }

  /** The article as an agent would send it, in the language nearest to the customer's. */
  async text(article: string, language: string | null): Promise<string | null> {
    try {
      return (await this.api.articleText(article, language)).text;
    } catch {
      return null;
    }
  }
}
