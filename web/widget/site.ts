// What the server says of a site: its look, its rules, what can be sent. Plain values and one request; no DOM.

import type { Language } from "./language";
import type { Proactive } from "./rules_of_page";

export type Field = "name" | "email" | "phone" | "order" | "topic";

type Properties = Readonly<Record<string, string>>;

export interface Look {
  /** CSS custom properties for a light and for a dark ground: the site's colour, made readable by the server, and the place. */
  readonly style?: { readonly light: Properties; readonly dark: Properties };
  readonly position?: "left" | "right";
  readonly theme?: "auto" | "light" | "dark";
  readonly title?: string;
  /** Beside the launcher's icon. */
  readonly launcher?: string;
  /** The panel's first line. */
  readonly greeting?: string;
}

export interface Site {
  readonly identity: "off" | "optional" | "required";
  readonly keep_days: number;
  readonly look: Look;
  readonly proactive: readonly Proactive[];
  readonly pre_chat: readonly { readonly field: Field; readonly required: boolean }[];
  readonly attachments: { readonly max_bytes: number; readonly types: readonly string[] } | null;
  readonly mail: boolean;
  readonly telegram: string | null;
}

/** What holds where the server says nothing. */
export const PLAIN_SITE: Site = { identity: "off", keep_days: 30, look: {}, proactive: [], pre_chat: [], attachments: null, mail: false, telegram: null };

/** The launcher waits for its colours no longer than this. */
const ANSWERS_WITHIN_MS = 2_000;

/** A site without an answer is a plain one. */
export async function askSite(server: string, site: string, language: Language): Promise<Partial<Site>> {
  try {
    // No cookies: the widget stands on other people's sites.
    const init = { credentials: "omit", signal: AbortSignal.timeout?.(ANSWERS_WITHIN_MS) } as const;
    const response = await fetch(`${server}api/v1/sites/${encodeURIComponent(site)}?language=${language}`, init);
    return response.ok ? await response.json() : {};
  } catch {
    return {};
  }
}
