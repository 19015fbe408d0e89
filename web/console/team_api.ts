// The calls of the Team page, one function each, and what they answer.

import type { CallOptions } from "../shared/api";
import type { Language } from "./texts";
import type { DetailField, Staff } from "./wire";

export type Role = Staff["role"];

export interface NewAgent {
  email: string;
  name: string;
  role: Role;
  password: string;
}

export interface Member {
  /** E-mail address. */
  agent: string;
  /** 1 to 5; the server says 3 where it was not set. */
  skill: number | null;
  /** Conversations of this queue at once. */
  capacity?: number;
}

/** Seconds of open time; null: no such level. */
export interface Levels {
  claim_secs: number | null;
  first_reply_secs: number | null;
  next_reply_secs: number | null;
  resolution_secs: number | null;
  /** 1 to 100. */
  warn_at_percent: number;
}

/** `{"zone": "Europe/Berlin", "mon": "09:00-18:00", "holidays": ["2026-12-25"]}`; there may be other keys. */
export type Hours = Record<string, unknown>;

export interface Queue {
  name: string;
  title?: string;
  /** Empty: all. */
  languages: string[];
  /** Absent: always open. */
  hours?: Hours;
  /** Empty: everyone works here. */
  members: Member[];
  priority: number;
  assign: "manual" | "balanced";
  levels: Levels;
}

export interface QueueRow extends Queue {
  /** What is set in the file cannot be changed here. */
  source: "file" | "console" | "built_in";
  is_open: boolean;
}

/** A browser in which one is signed in. */
export interface SignIn {
  id: string;
  at: string;
  expires_at: string;
  is_this: boolean;
}

/** For an authenticator app; nothing is switched on yet. */
export interface OfferedFactor {
  /** Base 32. */
  secret: string;
  /** `otpauth://…` */
  url: string;
  /** The address drawn; null: it is too long for that. */
  qr: { size: number; path: string } | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  /** A name; null: on the server itself. */
  agent: string | null;
  /** Such as `signed_in`; a newer server may know more. */
  what: string;
  /** The e-mail address, name or id of what it was about. */
  about: string;
}

/** The newest first; `next` stands for what is older. */
export interface AuditPage {
  entries: AuditEntry[];
  next: number | null;
}

/** The same words by language; not each language has them. */
export type Wording = Partial<Record<Language, string>>;

export interface Look {
  /** `#rrggbb`; null: the widget's own. */
  colour: string | null;
  colour_dark: string | null;
  position: "left" | "right";
  theme: "auto" | "light" | "dark";
  title: Wording;
  launcher: Wording;
  greeting: Wording;
  /** Pixels, 0 to 400. */
  offset_x: number;
  offset_y: number;
}

export interface ProactiveRule {
  page?: string | null;
  after_secs?: number | null;
  scroll_percent?: number | null;
  text: Wording;
}

export interface Site {
  name: string;
  /** False: firstline.toml names no site, and this is the one of pages that name none. */
  is_configured: boolean;
  /** Empty: any page. */
  origins: string[];
  identity: "off" | "optional" | "required";
  keep_days: number;
  pre_chat: { field: DetailField; required: boolean }[];
  proactive: ProactiveRule[];
  /** What holds now. */
  look: Look;
  /** The look stands in firstline.toml, and is changed there. */
  is_fixed: boolean;
  /** Null: nothing was set in the console. */
  changed_at: string | null;
  changed_by: string | null;
  telegram: string | null;
}

export interface Bot {
  name: string;
  /** Without `@`; null until Telegram has told it. */
  username: string | null;
  link: string | null;
  site: string;
  transport: "polling" | "webhook";
  queue: string | null;
  language: string;
  /** Sentences; empty: all is well. */
  troubles: string[];
  /** Null: none since the server started. */
  last_update_at: string | null;
  last_sent_at: string | null;
  /** Messages that wait, and since when the oldest does. */
  n_due: number;
  oldest_due_at: string | null;
  /** Messages of the last seven days that could not be delivered. */
  n_dead: number;
}

const AUDIT_ENTRIES = 50;

export class TeamApi {
  constructor(private readonly ask: <T>(path: string, options?: CallOptions) => Promise<T>) {}

  agents(): Promise<{ agents: Staff[] }> {
    return this.ask("/agents");
  }

  addAgent(agent: NewAgent): Promise<object> {
    return this.ask("/agents", { body: agent });
  }

  setWork(email: string, capacity: number, languages: readonly string[]): Promise<object> {
    return this.ask("/agents/work", { body: { email, capacity, languages } });
  }

  setPassword(email: string, password: string): Promise<object> {
    return this.ask("/agents/password", { body: { email, password } });
  }

  disable(email: string): Promise<object> {
    return this.ask("/agents/disable", { body: { email } });
  }

  resetFactor(email: string): Promise<object> {
    return this.ask("/agents/reset_second_factor", { body: { email } });
  }

  queues(): Promise<{ queues: QueueRow[] }> {
    return this.ask("/queues");
  }

  setQueue(queue: Queue): Promise<object> {
    return this.ask("/queues", { body: queue });
  }

  unsetQueue(name: string): Promise<object> {
    return this.ask(`/queues/${encodeURIComponent(name)}/unset`, { body: {} });
  }

  signIns(): Promise<{ sign_ins: SignIn[] }> {
    return this.ask("/sign_ins");
  }

  endSignIn(id: string): Promise<object> {
    return this.ask(`/sign_ins/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  offerFactor(): Promise<OfferedFactor> {
    return this.ask("/me/second_factor/offer", { body: {} });
  }

  setFactor(password: string, secret: string, code: string): Promise<object> {
    return this.ask("/me/second_factor", { body: { password, secret, code } });
  }

  endFactor(password: string): Promise<object> {
    return this.ask("/me/second_factor/end", { body: { password } });
  }

  /** `before`: only what is older than this entry. */
  audit(before: number | null): Promise<AuditPage> {
    const query = new URLSearchParams({ limit: String(AUDIT_ENTRIES) });
    if (before !== null) query.set("before", String(before));
    return this.ask(`/audit?${query}`);
  }

  sites(): Promise<{ sites: Site[] }> {
    return this.ask("/sites");
  }

  /** What a page with the widget would be told if it looked so. Nothing is kept. */
  preview(site: string, look: Look, language: Language): Promise<object> {
    return this.ask("/sites/preview", { body: { site, look, language } });
  }

  keepLook(site: string, look: Look): Promise<Site> {
    return this.ask(`/sites/${encodeURIComponent(site)}/look`, { body: { look } });
  }

  /** Back to what firstline.toml says. */
  forgetLook(site: string): Promise<Site> {
    return this.ask(`/sites/${encodeURIComponent(site)}/look`, { method: "DELETE" });
  }

  bots(): Promise<{ bots: Bot[] }> {
    return this.ask("/bots");
  }
}
