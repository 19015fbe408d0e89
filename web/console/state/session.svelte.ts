// Who is signed in. An ended session shows the sign-in page and leaves everything typed where it is.

import { CallFailed } from "../../shared/api";
import { DeskApi } from "../desk_api";
import type { Me } from "../wire";
import { Desk } from "./desk.svelte";

export type Trouble =
  | { name: "bad_credentials" }
  /** The password was right; the agent has a second factor. */
  | { name: "code_wanted" }
  /** Wrong, or used already. */
  | { name: "bad_code" }
  /** Too many wrong attempts for this agent. */
  | { name: "locked_out"; waitSecs: number | null }
  | { name: "too_many_requests"; waitSecs: number | null }
  | { name: "unreachable" }
  | { name: "broken" }
  | { name: "refused"; detail: string };

/** Why nobody came signed in from the provider, as the server puts it into the address. */
const SSO_CODES = ["failed", "cancelled", "unknown_agent", "unverified", "expired"] as const;
export type SsoCode = (typeof SSO_CODES)[number];

export type Standing =
  | { name: "asking" }
  /** `email`: of whose session ended, so that only the password is asked again. */
  | { name: "signed_out"; ended: boolean; email: string }
  /** The server did not answer who we are. */
  | { name: "away" }
  | { name: "signed_in"; desk: Desk };

export class Session {
  standing = $state.raw<Standing>({ name: "asking" });
  /** What came of signing in at the provider, until somebody is signed in. */
  sso: SsoCode | null = ssoIn(location.search);
  private readonly api = new DeskApi();
  /** Kept over an ended session, for the same agent who signs in again. */
  private desk: Desk | null = null;

  constructor() {
    this.api.watch.signedOut = () => this.ended();
    // It is said once: neither a reload nor a bookmark says it again.
    if (this.sso) history.replaceState(history.state, "", location.pathname + location.hash);
  }

  async ask() {
    this.standing = { name: "asking" };
    try {
      this.begin(await this.api.me());
    } catch (error) {
      const signedOut = error instanceof CallFailed && error.failure.kind === "problem" && error.failure.problem.status === 401;
      this.standing = signedOut ? { name: "signed_out", ended: false, email: "" } : { name: "away" };
    }
  }

  /** `code`: of the second factor, once it was asked for. Null when it worked. */
  async signIn(email: string, password: string, code?: string): Promise<Trouble | null> {
    try {
      this.begin(await this.api.login(email, password, code));
      return null;
    } catch (error) {
      return troubleOf(error);
    }
  }

  /** The name of the provider where one may sign in as well; null where there is none, or the server does not say. */
  async provider(): Promise<string | null> {
    try {
      return (await this.api.signInOptions()).sso?.name ?? null;
    } catch {
      return null;
    }
  }

  async signOut() {
    try {
      await this.api.logout();
    } catch {
      // Without the server the cookie stays until it expires; this window forgets the agent all the same.
    }
    this.desk?.stop();
    this.desk = null;
    this.standing = { name: "signed_out", ended: false, email: "" };
  }

  private begin(me: Me) {
    this.sso = null;
    if (this.desk?.me.agent.id === me.agent.id) this.desk.me = me;
    else this.desk = new Desk(this.api, me);
    this.desk.start();
    this.standing = { name: "signed_in", desk: this.desk };
  }

  private ended() {
    if (this.standing.name !== "signed_in") return;
    const { desk } = this.standing;
    desk.stop();
    this.standing = { name: "signed_out", ended: true, email: desk.me.agent.email };
  }
}

/** A code that a newer server adds is a failure like any other. */
function ssoIn(search: string): SsoCode | null {
  const code = new URLSearchParams(search).get("sso");
  return code === null ? null : (SSO_CODES.find((known) => known === code) ?? "failed");
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof CallFailed) || error.failure.kind !== "problem") return { name: "unreachable" };
  const { problem, retryAfterSecs } = error.failure;
  const { code } = problem;
  if (code === "bad_credentials" || code === "code_wanted" || code === "bad_code") return { name: code };
  if (problem.status === 429) return { name: code === "locked_out" ? code : "too_many_requests", waitSecs: retryAfterSecs };
  if (problem.status >= 500) return { name: problem.status === 502 || problem.status === 504 ? "unreachable" : "broken" };
  return { name: "refused", detail: problem.detail ?? problem.code };
}
