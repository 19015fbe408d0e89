import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Row } from "../wire";
import { lastWritten, news, Notifier } from "./notifier.svelte";

const row = (id: string, by: "customer" | "agent", at: string) => ({ id, last: { by, text: "", at } }) as Row;

test("news is what a customer wrote since the last look, and the first look has none", () => {
  const before = lastWritten([row("a", "customer", "1"), row("b", "agent", "1")]);
  expect(news(null, [row("a", "customer", "1")])).toEqual([]);
  expect(news(before, [row("a", "customer", "1"), row("b", "agent", "2")])).toEqual([]);
  expect(news(before, [row("a", "customer", "2"), row("b", "customer", "2")]).map(({ id }) => id)).toEqual(["a", "b"]);
});

const shown: { text: string; onclick?: () => void }[] = [];
beforeEach(() => {
  shown.length = 0;
  vi.stubGlobal(
    "Notification",
    class {
      static permission = "granted";
      readonly text: string;
      constructor(_title: string, { body }: { body: string }) {
        this.text = body;
        shown.push(this);
      }
      close() {}
    },
  );
});
afterEach(() => void vi.unstubAllGlobals());

test("the browser shows what comes while nobody looks, once", async () => {
  const opened: string[] = [];
  const notifier = new Notifier({
    waiting: (n) => `${n} wait`,
    mentioned: (n) => `${n} call`,
    wrote: ({ id }) => `${id} wrote`,
    open: ({ id }) => opened.push(id),
    openMentioned: () => opened.push("mentioned"),
  });
  notifier.setSound(false);
  expect(await notifier.setShows(true)).toBe(true);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  notifier.look(1, [row("a", "customer", "1")], null);
  expect(shown).toEqual([]);
  notifier.look(2, [row("a", "customer", "2")], "a");
  expect(shown.map(({ text }) => text)).toEqual(["2 wait", "a wrote"]);
  notifier.look(1, [row("a", "customer", "2")], "a", 1);
  expect(shown.map(({ text }) => text)).toEqual(["2 wait", "a wrote", "1 call"]);
  notifier.look(1, [row("a", "customer", "2")], "a", 1);
  expect(shown).toHaveLength(3);
  vi.spyOn(window, "focus").mockReturnValue();
  for (const one of shown) one.onclick?.();
  expect(opened).toEqual(["a", "mentioned"]);
  hidden.mockReturnValue(false);
  notifier.look(3, [row("a", "customer", "3")], null);
  expect(shown).toHaveLength(3);
  hidden.mockRestore();
});
