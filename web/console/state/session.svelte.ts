// Who is signed in. An ended session shows the sign-in page and leaves everything typed where it is.

import { CallFailed } from "../../shared/api";
import { DeskApi } from "../desk_api";
import type { Me } from "../wire";
import { Desk } from "./desk.svelte";

export type Trouble =
  | { name: "bad_credentials" }
  | { name: "too_many_requests"; waitSecs: number }
  | { name: "unreachable" }
  | { name: "broken" }
  | { name: "refused"; detail: string };

export type Standing =
  | { name: "asking" }
  /** `email`: of whose session ended, so that only the password is asked again. */
  | { name: "signed_out"; ended: boolean; email: string }
  /** The server did not answer who we are. */
  | { name: "away" }
  | { name: "signed_in"; desk: Desk };

export class Session {
  standing = $state.raw<Standing>({ name: "asking" });
  private readonly api = new DeskApi();
  /** Kept over an ended session, for the same agent who signs in again. */
  private desk: Desk | null = null;

  constructor() {
    this.api.watch.signedOut = () => this.ended();
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

  /** Null when it worked. */
  async signIn(email: string, password: string): Promise<Trouble | null> {
    try {
      this.begin(await this.api.login(email, password));
      return null;
    } catch (error) {
      return troubleOf(error);
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

const DEFAULT_WAIT_SECS = 60;

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof CallFailed) || error.failure.kind !== "problem") return { name: "unreachable" };
  const { problem, retryAfterSecs } = error.failure;
  if (problem.code === "bad_credentials") return { name: "bad_credentials" };
  if (problem.status === 429) return { name: "too_many_requests", waitSecs: retryAfterSecs ?? DEFAULT_WAIT_SECS };
  if (problem.status >= 500) return { name: problem.status === 502 || problem.status === 504 ? "unreachable" : "broken" };
  return { name: "refused", detail: problem.detail ?? problem.code };
}
