// The Knowledge page: articles and the chosen one, a question tried out, what confidences are worth, phrases, answers to judge.

import { CallFailed, type Problem } from "../../shared/api";
import type { Article, Articles, Confidence, DrawnAnswer, KnowledgeApi, Phrases, ProposedPhrase, TaughtPhrase, Tried } from "../knowledge_api";
import { titleFor } from "../rules/knowledge";
import { phrasesInFile, taughtFor, wordsFor } from "../rules/taught_phrases";

/** One thing that is fetched, with how that went; an answer that was overtaken changes nothing. */
export class Part<T> {
  value = $state.raw<T | null>(null);
  /** `loading` and `failed` only while there is nothing to show. */
  standing = $state<"idle" | "loading" | "ready" | "failed">("idle");
  private asked = 0;
  private ask: (() => Promise<T>) | null = null;

  /** Fetches anew; what is shown stays until then, and if it fails. */
  async refresh(ask: () => Promise<T>): Promise<void> {
    const request = ++this.asked;
    this.ask = ask;
    if (this.value === null) this.standing = "loading";
    try {
      const value = await ask();
      if (request !== this.asked) return;
      this.value = value;
      this.standing = "ready";
    } catch {
      if (request === this.asked) this.standing = this.value === null ? "failed" : "ready";
    }
  }

  /** Fetches something else: what was shown goes at once. */
  async replace(ask: () => Promise<T>): Promise<void> {
    this.value = null;
    await this.refresh(ask);
  }

  async retry(): Promise<void> {
    if (this.ask) await this.refresh(this.ask);
  }
}

/** `gone`: nobody can judge it any more. */
export type JudgeEnd = "kept" | "gone" | "failed" | "busy";

/** `gone`: it can be decided about no more. `failed` has the server's problem, where it answered. */
export type PhraseEnd = { name: "kept" | "gone" | "busy" } | { name: "failed"; problem: Problem | null };

export class KnowledgeDesk {
  readonly articles = new Part<Articles>();
  readonly article = new Part<Article>();
  readonly tried = new Part<Tried>();
  readonly confidence = new Part<Confidence>();
  readonly phrases = new Part<Phrases>();
  readonly drawn = new Part<DrawnAnswer[]>();
  chosen = $state.raw<{ id: string; language: string } | null>(null);
  judging = $state(false);
  /** A list that was asked for before an answer was judged may still have it. */
  private readonly judged = new Set<string>();
  /** Phrases whose decision is on its way. */
  private readonly deciding = new Set<string>();
  private nDecided = 0;
  /** Words that were taught until they were changed or taken back: an article that came before still lists them. */
  private readonly former = new Set<string>();

  constructor(
    private readonly api: KnowledgeApi,
    readonly isLead: boolean,
  ) {}

  async load(): Promise<void> {
    await Promise.all([
      this.articles.refresh(() => this.api.articles()),
      this.confidence.refresh(() => this.api.confidence()),
      this.article.retry(),
      this.isLead ? this.loadPhrases() : null,
      this.isLead ? this.loadDrawn() : null,
    ]);
  }

  /** Shows an article in a language in which it is written. */
  async open(id: string, language: string): Promise<void> {
    const isShown = this.chosen?.id === id && this.chosen.language === language;
    if (isShown && this.article.standing !== "failed") return;
    this.chosen = { id, language };
    await this.article.replace(() => this.api.article(id, language));
  }

  /** Says whether there was something to ask. */
  tryOut(question: string, language: string | null): boolean {
    const asked = question.trim();
    if (!asked) return false;
    void this.tried.replace(() => this.api.tryOut(asked, language));
    return true;
  }

  async loadDrawn(): Promise<void> {
    await this.drawn.refresh(this.askDrawn);
  }

  async loadPhrases(): Promise<void> {
    await this.phrases.refresh(this.askPhrases);
  }

  /** An article's phrases: those of its file, and those that were taught and are not in it yet. Only leads know which are which. */
  phrasesOf({ id, phrases }: Article): { inFile: string[]; taught: TaughtPhrase[] } {
    const taught = this.phrases.value?.taught ?? [];
    return { inFile: phrasesInFile(id, phrases, taught, this.former), taught: taughtFor(id, taught) };
  }

  /** The words, perhaps changed, become a phrase of an article, perhaps of another one. Of a taught phrase: from now on so. */
  teach(phrase: ProposedPhrase | TaughtPhrase, article: string, text: string): Promise<PhraseEnd> {
    return this.decide(phrase.id, async () => {
      await this.api.teach(phrase.id, article, text);
      const { id, conversation, language } = phrase;
      return { id, conversation, article, title: this.titleOf(phrase, article), language, text, at: new Date().toISOString(), is_exported: false };
    });
  }

  /** A proposed phrase goes; a taught one is taken back. */
  reject({ id }: ProposedPhrase | TaughtPhrase): Promise<PhraseEnd> {
    return this.decide(id, async () => {
      await this.api.reject(id);
      return null;
    });
  }

  async judge({ id, answer }: DrawnAnswer, article: string | null): Promise<JudgeEnd> {
    if (this.judging) return "busy";
    this.judging = true;
    try {
      await this.api.judge(id, article);
      this.drop(id);
      // What the bot got wrong becomes a proposed phrase.
      if (article !== null && article !== answer.article?.id) void this.loadPhrases();
      return "kept";
    } catch (error) {
      if (problemOf(error)?.status !== 404) return "failed";
      this.drop(id);
      return "gone";
    } finally {
      this.judging = false;
    }
  }

  /** The first answer goes to the end of the line. */
  skip() {
    const [first, ...others] = this.drawn.value ?? [];
    if (first) this.drawn.value = [...others, first];
  }

  /** A list that a decision overtook is asked for again. */
  private readonly askPhrases = async (): Promise<Phrases> => {
    for (;;) {
      const { nDecided } = this;
      const phrases = await this.api.phrases();
      if (nDecided === this.nDecided) return phrases;
    }
  };

  /** `act` returns what is taught from now on. */
  private async decide(id: string, act: () => Promise<TaughtPhrase | null>): Promise<PhraseEnd> {
    if (this.deciding.has(id)) return { name: "busy" };
    this.deciding.add(id);
    try {
      this.place(id, await act());
      return { name: "kept" };
    } catch (error) {
      const problem = problemOf(error);
      if (problem?.code !== "unknown_phrase") return { name: "failed", problem };
      this.place(id, null);
      return { name: "gone" };
    } finally {
      this.deciding.delete(id);
    }
  }

  /** When the last proposed phrase is decided, there may be more than were sent. */
  private place(decided: string, taught: TaughtPhrase | null) {
    this.nDecided++;
    const shown = this.phrases.value;
    if (!shown) return;
    const before = shown.taught.find(({ id }) => id === decided);
    if (before) this.former.add(wordsFor(before.article, before.text));
    if (taught) this.former.delete(wordsFor(taught.article, taught.text));
    const others = shown.taught.filter(({ id }) => id !== decided);
    const proposed = shown.proposed.filter(({ id }) => id !== decided);
    this.phrases.value = { proposed, taught: taught ? [taught, ...others] : others };
    if (proposed.length === 0 && shown.proposed.length > 0) void this.loadPhrases();
  }

  private titleOf(phrase: ProposedPhrase | TaughtPhrase, article: string): string {
    if (article === phrase.article) return phrase.title;
    const titles = this.articles.value?.articles.find(({ id }) => id === article)?.titles ?? [];
    return titleFor(titles, phrase.language)?.title ?? article;
  }

  private readonly askDrawn = async (): Promise<DrawnAnswer[]> => (await this.api.toJudge()).answers.filter(({ id }) => !this.judged.has(id));

  /** When the last one is done, more may have been drawn. */
  private drop(judged: string) {
    this.judged.add(judged);
    const left = (this.drawn.value ?? []).filter(({ id }) => id !== judged);
    if (left.length > 0) this.drawn.value = left;
    else void this.drawn.replace(this.askDrawn);
  }
}

function problemOf(error: unknown): Problem | null {
  return error instanceof CallFailed && error.failure.kind === "problem" ? error.failure.problem : null;
}
