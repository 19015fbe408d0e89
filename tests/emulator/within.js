const DEADLINE_MS = 60_000;
const AGAIN_AFTER_MS = 50;

/** Asks again and again until `found` gives something, and gives it back. `seen` is told when the time is over. */
export async function within(what, found, seen = () => "") {
  const end = Date.now() + DEADLINE_MS;
  for (;;) {
    const result = await found();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited ${DEADLINE_MS / 1000} s for ${what}. ${await seen()}`);
    await new Promise((again) => setTimeout(again, AGAIN_AFTER_MS));
  }
}
