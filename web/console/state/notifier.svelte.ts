// Tells an agent who looks elsewhere: a sound, and what the browser shows beside other windows. Each is the agent's own choice.

import type { Row } from "../wire";
import { shelf } from "./settings.svelte";

const SOUND_AT = "firstline.sound";
const SHOW_AT = "firstline.notifications";

/** What is new since the last look: whoever began to wait, and customers who wrote to oneself. */
export function news(before: ReadonlyMap<string, string> | null, rows: readonly Row[]): Row[] {
  if (!before) return [];
  return rows.filter((row) => row.last?.by === "customer" && before.get(row.id) !== row.last.at);
}

/** When each customer wrote last. */
export function lastWritten(rows: readonly Row[]): Map<string, string> {
  return new Map(rows.flatMap((row) => (row.last?.by === "customer" ? [[row.id, row.last.at]] : [])));
}

export interface Said {
  waiting(n: number): string;
  mentioned(n: number): string;
  wrote(row: Row): string;
  open(row: Row): void;
  openMentioned(): void;
}

export class Notifier {
  sound = $state(shelf.getItem(SOUND_AT) !== "off");
  shows = $state(shelf.getItem(SHOW_AT) === "on" && permission() === "granted");
  private nWaiting: number | null = null;
  private nMentioned: number | null = null;
  private written: Map<string, string> | null = null;
  private audio: AudioContext | null = null;

  constructor(private readonly said: Said) {}

  setSound(on: boolean) {
    this.sound = on;
    keep(SOUND_AT, on ? "on" : "off");
    if (on) this.ring();
  }

  /** Asks the browser where it has not been asked; says whether it may be done. */
  async setShows(on: boolean): Promise<boolean> {
    const allowed = on && permission() === "default" ? await Notification.requestPermission() : permission();
    this.shows = on && allowed === "granted";
    keep(SHOW_AT, this.shows ? "on" : "off");
    return this.shows === on;
  }

  /** After each refresh: how many wait, what stands with oneself, and where colleagues call one. */
  look(nWaiting: number, mine: readonly Row[], open: string | null, nMentioned = 0) {
    const more = this.nWaiting !== null && nWaiting > this.nWaiting;
    const called = this.nMentioned !== null && nMentioned > this.nMentioned;
    // What one reads at this moment needs no bell.
    const wrote = news(this.written, mine).filter(({ id }) => document.hidden || id !== open);
    this.nWaiting = nWaiting;
    this.nMentioned = nMentioned;
    this.written = lastWritten(mine);
    if (!more && !called && !wrote.length) return;
    if (this.sound) this.ring();
    if (!this.shows || !document.hidden) return;
    if (more) this.show("waiting", this.said.waiting(nWaiting));
    if (called) this.show("mentioned", this.said.mentioned(nMentioned), () => this.said.openMentioned());
    for (const row of wrote) this.show(row.id, this.said.wrote(row), () => this.said.open(row));
  }

  private show(tag: string, text: string, open?: () => void) {
    try {
      const shown = new Notification("Firstline", { body: text, tag });
      shown.onclick = () => {
        window.focus();
        open?.();
        shown.close();
      };
    } catch {
      // Some phones allow it only from a service worker.
    }
  }

  /** Two short notes; browsers stay silent until the page was touched once. */
  private ring() {
    try {
      this.audio ??= new AudioContext();
      const { audio } = this;
      for (const [i, pitch] of [660, 880].entries()) {
        const [tone, volume] = [audio.createOscillator(), audio.createGain()];
        const at = audio.currentTime + i * 0.12;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.08, at);
        volume.gain.exponentialRampToValueAtTime(0.001, at + 0.11);
        tone.connect(volume).connect(audio.destination);
        tone.start(at);
        tone.stop(at + 0.12);
      }
    } catch {
      // A machine without sound.
    }
  }
}

function permission(): NotificationPermission {
  return "Notification" in globalThis ? Notification.permission : "denied";
}

function keep(name: string, value: string) {
  try {
    shelf.setItem(name, value);
  } catch {
    // A full shelf forgets the choice with the page.
  }
}
