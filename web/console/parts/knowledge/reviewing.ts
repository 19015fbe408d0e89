// What is said and where the focus goes when something about a phrase was decided.

import { tick } from "svelte";
import type { Problem } from "../../../shared/api";
import { t } from "../../state/settings.svelte";

export function whyNot(problem: Problem | null): string {
  if (!problem) return t("could_not");
  return problem.status >= 500 ? t("server_broken") : t("refused", { detail: problem.detail ?? problem.code });
}

/** What had the focus is gone: the next of its kind takes it, else the heading. Who went elsewhere stays there. */
export async function goOn(section: HTMLElement | null | undefined, kind: string, at: number) {
  await tick();
  if (document.activeElement && document.activeElement !== document.body) return;
  const left = [...(section?.querySelectorAll<HTMLElement>(kind) ?? [])];
  (left[Math.min(Math.max(at, 0), left.length - 1)] ?? section?.querySelector<HTMLElement>("h2, h3"))?.focus();
}
