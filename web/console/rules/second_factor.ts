// The second factor: the secret as it is typed into an app, the code as it is typed from it, and what is wrong with either.

import type { Problem } from "../../shared/api";
import type { Wrong } from "./teamwork";

/** "JBSW Y3DP EHPK 3PXP": what an eye can keep while the hand types. */
export function secretGroups(secret: string): string[] {
  return secret.match(/.{1,4}/gu) ?? [];
}

/** Apps show "123 456", and a Chinese keyboard may type wide digits. */
export function codeIn(typed: string): string {
  return typed.normalize("NFKC").replace(/[\s-]/g, "");
}

/** Kept from the server, which counts wrong codes. */
export function wrongInCode(typed: string): Wrong | null {
  return /^\d{6}$/.test(codeIn(typed)) ? null : { field: "code", key: "code_short" };
}

export function wrongInOwnPassword(password: string): Wrong | null {
  return password ? null : { field: "password", key: "password_wanted" };
}

/** The field whose text the server did not take. */
export function refusedField(problem: Problem | null | undefined): "code" | "password" | null {
  if (problem?.code === "bad_code") return "code";
  return problem?.code === "wrong_password" ? "password" : null;
}
