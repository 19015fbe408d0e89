// Who is typing: what the socket says of the customer's hands, and how often the server is told of the agent's own.

/** The server forgets hands after six seconds; twice in that time is often enough. */
export const TELL_EVERY_MS = 3_000;

export interface TypingFrame {
  id: string;
  customer: boolean;
}

/** A frame of the live socket that tells of hands, or null for any other. */
export function parseTyping(frame: unknown): TypingFrame | null {
  let value: unknown;
  try {
    value = typeof frame === "string" ? JSON.parse(frame) : null;
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { hint, id, customer } = value as { hint?: unknown; id?: unknown; customer?: unknown };
  return hint === "typing" && typeof id === "string" && typeof customer === "boolean" ? { id, customer } : null;
}

/** A frame that tells that other agents look at a conversation: its id, or null for any other frame. */
export function parseLookers(frame: unknown): string | null {
  try {
    const value: unknown = typeof frame === "string" ? JSON.parse(frame) : null;
    if (typeof value !== "object" || value === null) return null;
    const { hint, id } = value as { hint?: unknown; id?: unknown };
    return hint === "lookers" && typeof id === "string" ? id : null;
  } catch {
    return null;
  }
}

/** The agent's own hands. Each call answers whether the server is to be told. */
export class Hands {
  private on: string | null = null;
  private toldAt = -Infinity;

  types(conversation: string, nowMs: number): boolean {
    if (this.on === conversation && nowMs - this.toldAt < TELL_EVERY_MS) return false;
    this.on = conversation;
    this.toldAt = nowMs;
    return true;
  }

  rest(conversation: string): boolean {
    const typed = this.on === conversation;
    if (typed) this.on = null;
    return typed;
  }
}
