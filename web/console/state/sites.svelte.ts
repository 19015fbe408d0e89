// The sites on which the widget stands, and how it would look there with what is typed but not saved.

import { CallFailed, type Problem } from "../../shared/api";
import { isSame, lookForm, lookOf, refusedIn, wrongInLook, type LookForm } from "../rules/look";
import type { Wrong } from "../rules/teamwork";
import type { Site, TeamApi } from "../team_api";
import type { Language } from "../texts";
import { Part } from "./knowledge.svelte";
import { Sending } from "./teamwork.svelte";

/** Fingers rest so long before what they typed is looked at. */
export const PREVIEW_AFTER_MS = 400;

/** A site, and its look as it is typed. */
export class EditedSite {
  site = $state.raw() as Site;
  form = $state() as LookForm;

  constructor(site: Site) {
    this.site = site;
    this.form = lookForm(site.look);
  }

  // No `$derived` here: it would end with the page that made it, and this outlives the page.
  get isChanged(): boolean {
    return !isSame(this.form, this.site.look);
  }

  /** The server tells it anew; what is not saved stays. */
  took(site: Site) {
    const { isChanged } = this;
    this.site = site;
    if (!isChanged) this.undo();
  }

  undo() {
    this.form = lookForm(this.site.look);
  }
}

export class Sites {
  readonly all = new Part<EditedSite[]>();
  /** What is open asks whether the site of this name goes back to the widget's own look. */
  readonly saving = new Sending<string>();
  /** By name; null: the first. */
  private chosen = $state<string | null>(null);

  constructor(private readonly api: TeamApi) {}

  get shown(): EditedSite | null {
    return this.all.value?.find(({ site }) => site.name === this.chosen) ?? this.all.value?.[0] ?? null;
  }

  choose(name: string) {
    this.chosen = name;
    this.saving.close();
  }

  /** Whoever leaves now loses something. */
  get isChanged(): boolean {
    return this.all.value?.some(({ isChanged }) => isChanged) ?? false;
  }

  async load(): Promise<void> {
    await this.all.refresh(async () => {
      const { sites } = await this.api.sites();
      return sites.map((site) => {
        const known = this.all.value?.find((edited) => edited.site.name === site.name);
        known?.took(site);
        return known ?? new EditedSite(site);
      });
    });
  }

  save(edited: EditedSite): Promise<boolean> {
    const { name } = edited.site;
    const look = lookOf(edited.form);
    // What is typed meanwhile is not saved, and stays.
    return this.saving.send(async () => (edited.site = await this.api.keepLook(name, look)), "look_saved", { name });
  }

  /** Back to the widget's own look. */
  async reset(edited: EditedSite): Promise<boolean> {
    const { name } = edited.site;
    const done = await this.saving.send(async () => (edited.site = await this.api.forgetLook(name)), "look_reset_done", { name });
    if (done) edited.undo();
    return done;
  }
}

/** What a page with the widget would be told, of the look that is being typed. */
export class Preview {
  /** As the server answered last; null: nothing yet. */
  page = $state.raw<object | null>(null);
  /** Found here, before the server is asked. */
  wrong = $state.raw<Wrong | null>(null);
  /** Of the server, which did not like the look; null inside: it did not answer. */
  trouble = $state.raw<{ problem: Problem | null; waitSecs: number | null } | null>(null);
  readonly refused = $derived(refusedIn(this.trouble?.problem ?? null));
  private asked = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly api: TeamApi) {}

  /** Once nothing else is wished for a moment; at once where nothing is shown yet. */
  show(site: string, form: LookForm, language: Language) {
    const look = lookOf(form);
    const wrong = wrongInLook(form);
    const wish = JSON.stringify([site, look, language]);
    if (!wrong) this.wrong = null;
    if (wish === this.asked) return;
    this.asked = wish;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.wrong = wrong;
      if (!wrong) void this.ask(wish, () => this.api.preview(site, look, language));
    }, this.page ? PREVIEW_AFTER_MS : 0);
  }

  stop() {
    clearTimeout(this.timer);
    this.asked = "";
  }

  private async ask(wish: string, ask: () => Promise<object>) {
    try {
      const page = await ask();
      if (wish !== this.asked) return;
      this.page = page;
      this.trouble = null;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (wish !== this.asked) return;
      const { failure } = error;
      const isProblem = failure.kind === "problem";
      this.trouble = { problem: isProblem ? failure.problem : null, waitSecs: isProblem ? failure.retryAfterSecs : null };
      // The same may be asked again.
      this.asked = "";
    }
  }
}
