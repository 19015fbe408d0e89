// Turns and pages for tests, said briefly.

import type { Page, Phase, PhaseName, Turn } from "../../shared/api";

const START = Date.parse("2026-03-02T10:00:00Z");

export function turn(seq: number, by: Turn["by"], text: string, more: Partial<Turn> = {}): Turn {
  const at = new Date(START + seq * 1_000).toISOString();
  return { seq, id: `t${seq}`, rev: 1, by, kind: by === "system" ? "notice" : "text", text, at, ...more };
}

export function phase(name: PhaseName, more: Partial<Phase> = {}): Phase {
  return { name, since: new Date(START).toISOString(), ...more };
}

export function page(turns: Turn[], through: number, now: Phase = phase("with_bot"), more: Partial<Page> = {}): Page {
  return { turns, through, phase: now, ...more };
}
