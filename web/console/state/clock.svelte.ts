// One second hand for everything that shows how long something takes, set by the server's clock.

import { clockOffset } from "../rules/time";

export const clock = new (class Clock {
  /** Milliseconds on the server's clock, once a second. */
  now = $state(Date.now());
  #aheadMs = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  start() {
    this.#timer ??= setInterval(() => this.tick(), 1000);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  setBy(serverDate: string | null) {
    this.#aheadMs = clockOffset(serverDate, Date.now());
    this.tick();
  }

  private tick() {
    this.now = Date.now() + this.#aheadMs;
  }
})();
