// The Team page: agents, queues, one's own sign-in, the log, and the one form that is open in each.

import { CallFailed, type Problem } from "../../shared/api";
import type { NewAgent, OfferedFactor, Queue, QueueRow, SignIn, TeamApi } from "../team_api";
import type { Me, Staff } from "../wire";
import type { Fill, Key } from "../texts";
import { AuditLog } from "./audit_log.svelte";
import { Part } from "./knowledge.svelte";

/** `id` is an agent's; the last two are about a queue, by name. */
export type AgentForm = { name: "add" } | { name: "work" | "password" | "reset_factor" | "disable"; id: string };
export type QueueFormOpen = { name: "add" } | { name: "edit" | "unset"; queue: string };
/** What becomes of one's own second factor. */
export type FactorForm = "on" | "off";

/** A form that is open, and how the last thing that was sent went. What was typed stays while it is open. */
export class Sending<Form> {
  open = $state.raw<Form | null>(null);
  busy = $state(false);
  /** The server's words, null inside: it did not answer; and for how long it wants to be left alone, where it said so. */
  trouble = $state.raw<{ problem: Problem | null; waitSecs: number | null } | null>(null);
  /** What was done last. */
  done = $state.raw<{ key: Key; fill: Fill } | null>(null);

  show(form: Form) {
    if (this.busy) return;
    this.open = form;
    this.trouble = null;
    this.done = null;
  }

  close() {
    if (this.busy) return;
    this.open = null;
    this.trouble = null;
  }

  /** Where it worked, the form closes; where not, it stays and says why. Says whether it worked. */
  async send(act: () => Promise<unknown>, key: Key, fill: Fill = {}): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.trouble = null;
    this.done = null;
    try {
      await act();
      this.open = null;
      this.done = { key, fill };
      return true;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      const { failure } = error;
      const isProblem = failure.kind === "problem";
      this.trouble = { problem: isProblem ? failure.problem : null, waitSecs: isProblem ? failure.retryAfterSecs : null };
      return false;
    } finally {
      this.busy = false;
    }
  }
}

export class Teamwork {
  readonly agents = new Part<Staff[]>();
  readonly queues = new Part<QueueRow[]>();
  readonly signIns = new Part<SignIn[]>();
  readonly agentForm = new Sending<AgentForm>();
  readonly queueForm = new Sending<QueueFormOpen>();
  readonly ending = new Sending<never>();
  readonly offered = new Part<OfferedFactor>();
  readonly factorForm = new Sending<FactorForm>();
  readonly log: AuditLog;
  readonly isLead: boolean;
  readonly isAdmin: boolean;

  constructor(
    private readonly api: TeamApi,
    readonly me: Me["agent"],
    /** Agents or queues are others now. */
    private readonly changed: () => void = () => {},
  ) {
    this.isLead = me.role !== "agent";
    this.isAdmin = me.role === "admin";
    this.log = new AuditLog(api);
  }

  async load(): Promise<void> {
    await Promise.all([this.loadAgents(), this.loadQueues(), this.loadSignIns()]);
  }

  setWork({ email, name }: Staff, capacity: number, languages: readonly string[]): Promise<boolean> {
    return this.change(this.agentForm, () => this.api.setWork(email, capacity, languages), "team_saved", name);
  }

  addAgent(agent: NewAgent): Promise<boolean> {
    return this.change(this.agentForm, () => this.api.addAgent(agent), "team_added", agent.name);
  }

  setPassword({ email, name }: Staff, password: string): Promise<boolean> {
    return this.change(this.agentForm, () => this.api.setPassword(email, password), "team_password_set", name);
  }

  /** Nobody disables oneself. */
  async disable({ id, email, name }: Staff): Promise<boolean> {
    return id !== this.me.id && this.change(this.agentForm, () => this.api.disable(email), "team_disabled", name);
  }

  /** For a colleague whose phone is gone; one's own goes with the password. */
  async resetFactor({ id, email, name }: Staff): Promise<boolean> {
    return id !== this.me.id && this.change(this.agentForm, () => this.api.resetFactor(email), "factor_reset_done", name);
  }

  setQueue(queue: Queue): Promise<boolean> {
    return this.change(this.queueForm, () => this.api.setQueue(queue), "team_saved", queue.title ?? queue.name);
  }

  unsetQueue({ name, title }: Queue): Promise<boolean> {
    return this.change(this.queueForm, () => this.api.unsetQueue(name), "team_unset_done", title ?? name);
  }

  async endSignIn({ id }: SignIn): Promise<boolean> {
    const ended = await this.ending.send(() => this.api.endSignIn(id), "team_ended");
    // One that ended by itself is gone from the list too.
    await this.loadSignIns();
    return ended;
  }

  /** One's own. The list of agents is the fresher of the two that know it. */
  get hasSecondFactor(): boolean {
    return (this.agents.value?.find(({ id }) => id === this.me.id) ?? this.me).has_second_factor;
  }

  /** Each time with a fresh secret: one that was left half done is worth nothing. */
  openFactor(form: FactorForm) {
    if (this.factorForm.busy) return;
    this.factorForm.show(form);
    if (form === "on") void this.offered.replace(() => this.api.offerFactor());
  }

  /** `code`: what the app shows that took the secret. */
  async setFactor(password: string, code: string): Promise<boolean> {
    const secret = this.offered.value?.secret;
    if (secret === undefined) return false;
    return this.change(this.factorForm, () => this.api.setFactor(password, secret, code), "factor_now_on", this.me.name);
  }

  endFactor(password: string): Promise<boolean> {
    return this.change(this.factorForm, () => this.api.endFactor(password), "factor_now_off", this.me.name);
  }

  private async change<Form>(form: Sending<Form>, act: () => Promise<unknown>, key: Key, name: string): Promise<boolean> {
    if (!(await form.send(act, key, { name }))) return false;
    this.changed();
    await Promise.all([this.loadAgents(), this.loadQueues()]);
    return true;
  }

  async loadAgents(): Promise<void> {
    await this.agents.refresh(async () => (await this.api.agents()).agents);
  }

  private async loadQueues() {
    await this.queues.refresh(async () => (await this.api.queues()).queues);
  }

  private async loadSignIns() {
    await this.signIns.refresh(async () => (await this.api.signIns()).sign_ins);
  }
}
