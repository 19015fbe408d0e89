// Errands beside the turns: each one call, carried out at once, with an answer that the customer waits for.

import type { Client } from "./client";

export async function leaveContact(client: Client, contact: string): Promise<void> {
  await client.asks("contact", { contact });
  client.leftContact();
}

export async function mailTranscript(client: Client, email: string): Promise<void> {
  await client.asks("transcript", { email });
}

/** A code that carries the conversation to another channel, once. */
export async function makeLink(client: Client): Promise<Link> {
  return client.asks<Link>("link", {});
}

export interface Link {
  readonly code: string;
  readonly telegram?: { readonly url: string; readonly qr?: { readonly size: number; readonly path: string } };
}

/** Hands the conversation to the customer as a file. */
export async function downloadTranscript(client: Client): Promise<void> {
  const { url, token } = await client.address("transcript?format=html");
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, credentials: "omit" });
  if (!response.ok) throw new Error(`${response.status}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = `${location.hostname}-${new Date().toISOString().slice(0, 10)}.html`;
  link.click();
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
