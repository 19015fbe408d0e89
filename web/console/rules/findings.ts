// Findings in the order in which somebody mends them: file by file, from top to bottom.

import type { Finding } from "../wire";

/** Files with an error come first, then by name. */
export function byFile(findings: readonly Finding[]): [file: string, findings: Finding[]][] {
  const files = new Map<string, Finding[]>();
  for (const finding of findings) files.set(finding.file, [...(files.get(finding.file) ?? []), finding]);
  const broken = (found: Finding[]) => (found.some(({ severity }) => severity === "error") ? 0 : 1);
  return [...files]
    .map(([file, found]): [string, Finding[]] => [file, [...found].sort(byPlace)])
    .sort(([a, foundA], [b, foundB]) => broken(foundA) - broken(foundB) || a.localeCompare(b, "en"));
}

/** "12:3", "12", or a dash for what concerns the whole file. */
export function positionOf({ line, column }: Finding): string {
  if (!line) return "–";
  return column ? `${line}:${column}` : String(line);
}

function byPlace(a: Finding, b: Finding): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
