// The calls of the Knowledge page, one function each, and what they answer.

import type { CallOptions } from "../shared/api";
import type { Candidate, Trace, Turn } from "./wire";

export const DRAWN_ROWS = 20;

export interface ArticleTitle {
  language: string;
  title: string;
}

/** One article in the list. Figures are of the last 30 days. */
export interface ArticleRow {
  id: string;
  /** In the languages in which it is written. */
  titles: ArticleTitle[];
  n_phrases: number;
  /** Languages of the knowledge base in which it is not written. */
  missing: string[];
  /** False: its file is broken now, and its last good version answers. */
  is_current: boolean;
  /** Answers given with it. */
  used: number;
  helped: number;
  did_not_help: number;
}

export interface Articles {
  articles: ArticleRow[];
  /** Every language of the knowledge base. */
  languages: string[];
}

export interface Article {
  id: string;
  language: string;
  title: string;
  /** Sanitised by the server. */
  html: string;
  phrases: string[];
  /** In which it is written. */
  languages: string[];
}

/** What the bot would do with a question. */
export interface Tried {
  trace: Trace;
  /** What the customer would read, as plain text. */
  answer: string | null;
  /** What it would offer when it asks back. */
  options: string[];
}

export interface CurvePoint {
  answer_at: number;
  coverage: number;
  precision: number;
}

/** Shares and thresholds are 0 to 1. */
export interface Confidence {
  knowledge_version: string;
  basis: "shipped_for_now" | "shipped" | "calibrated";
  n_questions: number;
  n_judged: number;
  target_precision: number;
  answer_at: number;
  margin: number;
  is_by_hand: boolean;
  /** What the target's threshold comes to; absent where there is too little data to promise it. */
  expected?: { coverage: number; precision: number; precision_low: number; precision_high: number };
  curve?: CurvePoint[];
}

/** An answer that was drawn at random to be judged. */
export interface DrawnAnswer {
  id: string;
  conversation: string;
  question: string;
  language: string;
  answer: Turn;
  candidates: Candidate[];
  drawn_at: string;
}

interface Phrase {
  id: string;
  conversation: string;
  article: string;
  /** In the language of the phrase, else the nearest; the id of an article that is gone. */
  title: string;
  language: string;
  text: string;
}

/** A customer's words that the bot got wrong, for the article that was judged to be right. */
export interface ProposedPhrase extends Phrase {
  judged_at: string;
}

/** A phrase that a lead accepted. */
export interface TaughtPhrase extends Phrase {
  at: string;
  /** The article's file has it by now, and only there it can be changed. */
  is_exported: boolean;
}

/** The newest first. */
export interface Phrases {
  proposed: ProposedPhrase[];
  taught: TaughtPhrase[];
}

export class KnowledgeApi {
  constructor(private readonly ask: <T>(path: string, options?: CallOptions) => Promise<T>) {}

  articles(): Promise<Articles> {
    return this.ask("/articles");
  }

  article(id: string, language: string): Promise<Article> {
    return this.ask(`/articles/${encodeURIComponent(id)}?${new URLSearchParams({ language })}`);
  }

  /** Without a language the server recognises it. */
  tryOut(question: string, language: string | null): Promise<Tried> {
    return this.ask("/try", { body: language ? { question, language } : { question } });
  }

  confidence(): Promise<Confidence> {
    return this.ask("/confidence");
  }

  toJudge(limit = DRAWN_ROWS): Promise<{ answers: DrawnAnswer[] }> {
    return this.ask(`/to_judge?limit=${limit}`);
  }

  /** Null: none of the articles is right. */
  judge(id: string, article: string | null): Promise<{ question: number }> {
    return this.ask(`/to_judge/${encodeURIComponent(id)}`, { body: { article } });
  }

  phrases(): Promise<Phrases> {
    return this.ask("/phrases");
  }

  teach(id: string, article: string, text: string): Promise<object> {
    return this.ask(`/phrases/${encodeURIComponent(id)}`, { body: { article, text } });
  }

  /** Of a taught phrase: takes it back. Either way it is not proposed again. */
  reject(id: string): Promise<object> {
    return this.ask(`/phrases/${encodeURIComponent(id)}`, { method: "DELETE" });
  }
}
