import { expect, test, vi } from "vitest";
import { CallFailed } from "../../shared/api";
import type { DeskApi } from "../desk_api";
import type { SavedView } from "../wire";
import { SavedViews } from "./saved_views.svelte";

const view = (id: string, name: string): SavedView => ({
  id,
  name,
  is_shared: false,
  view: "waiting",
  q: null,
  queue: null,
  channel: null,
  language: null,
  tag: "vip",
});
const desk = (api: object) => new SavedViews(api as DeskApi);
const names = (views: SavedViews) => views.all.map(({ name }) => name);

test("kept by name, renamed in place, removed", async () => {
  const removed = vi.fn(async () => {});
  const views = desk({
    views: async () => ({ views: [view("b", "Late"), view("c", "VIP")] }),
    keepView: async (wish: SavedView) => ({ ...wish, id: wish.id ?? "a" }),
    removeView: removed,
  });
  await views.load();
  const { id: _, ...wish } = view("", "Refunds");
  expect(await views.keep(wish)).toMatchObject({ id: "a" });
  expect(names(views)).toEqual(["Late", "Refunds", "VIP"]);
  await views.keep(view("c", "Important"));
  expect(names(views)).toEqual(["Important", "Late", "Refunds"]);
  expect(views.of("c")?.name).toBe("Important");
  await views.remove({ ...view("b", "Late"), is_shared: true });
  expect(removed).toHaveBeenCalledWith("b", true);
  expect([names(views), views.of("b"), views.of(undefined)]).toEqual([["Important", "Refunds"], null, null]);
});

test("an answer from before a change does not undo it; one that fails leaves what was known", async () => {
  let answer: (views: { views: SavedView[] }) => void = () => {};
  const api = {
    views: () => new Promise<{ views: SavedView[] }>((resolve) => (answer = resolve)),
    keepView: async (wish: SavedView) => wish,
  };
  const views = desk(api);
  const loading = views.load();
  await views.keep(view("a", "Refunds"));
  answer({ views: [] });
  await loading;
  expect(names(views)).toEqual(["Refunds"]);
  api.views = async () => Promise.reject(new CallFailed({ kind: "unreachable" }));
  await views.load();
  expect(names(views)).toEqual(["Refunds"]);
});

test("what a colleague removed first is gone as well; what was refused stays", async () => {
  const problem = (status: number, code: string) => new CallFailed({ kind: "problem", problem: { status, code }, retryAfterSecs: null });
  const answers = [problem(403, "leads_only"), problem(404, "unknown_view")];
  const views = desk({ views: async () => ({ views: [view("a", "Refunds")] }), removeView: async () => Promise.reject(answers.shift()) });
  await views.load();
  await expect(views.remove(view("a", "Refunds"))).rejects.toThrow();
  expect(names(views)).toEqual(["Refunds"]);
  await views.remove(view("a", "Refunds"));
  expect(names(views)).toEqual([]);
});
