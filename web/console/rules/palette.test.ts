// @vitest-environment node
import { expect, test } from "vitest";
import { entries, found, isPossible, type Around } from "./palette";

const nothing: Around = { standing: null, hasFollowUp: false, isSnoozed: false, hasPast: false, isBlocked: false, isLead: false };
const names = (around: Partial<Around>) => entries({ ...nothing, ...around }).map(({ command }) => command);

test("only what would work is offered", () => {
  expect(names({}).filter((name) => !name.startsWith("view_"))).toEqual(["canned", "search", "knowledge", "team", "help"]);
  expect(names({ standing: "waiting" })).toContain("claim");
  expect(names({ standing: "with_bot" })).toContain("claim");
  expect(names({ standing: "mine" })).not.toContain("claim");
  expect(names({ standing: "mine", isSnoozed: true })).toContain("claim");
  expect(names({ standing: "mine" })).toEqual(expect.arrayContaining(["resolve", "snooze", "transfer", "hand_back", "release"]));
  expect(names({ standing: "with_other" })).not.toContain("resolve");
  expect(isPossible("merge", { ...nothing, standing: "mine", hasPast: true })).toBe(true);
  expect(isPossible("merge", { ...nothing, standing: "mine" })).toBe(false);
  expect(isPossible("follow_up_done", { ...nothing, hasFollowUp: true })).toBe(true);
  // A customer is blocked by whoever may end the conversation, and let in again by leads.
  expect(names({ standing: "mine" })).toContain("block");
  expect(names({ standing: "with_other" })).not.toContain("block");
  expect(names({ standing: "with_other", isLead: true })).toContain("block");
  expect(names({ standing: "resolved", isBlocked: true })).not.toContain("block");
  expect(names({ standing: "resolved", isBlocked: true })).not.toContain("unblock");
  expect(names({ standing: "resolved", isBlocked: true, isLead: true })).toContain("unblock");
  // Whoever sees a conversation may tag it or promise to come back to it, whatever became of it.
  for (const standing of ["waiting", "mine", "with_bot", "with_other", "resolved"] as const) {
    expect(names({ standing })).toEqual(expect.arrayContaining(["tags", "follow_up"]));
    expect(names({ standing, hasFollowUp: true })).toEqual(expect.arrayContaining(["follow_up", "follow_up_done"]));
  }
  expect(names({ hasFollowUp: true })).not.toContain("follow_up");
});

test("every act tells its key, and words find it in any order", () => {
  const all = entries({ ...nothing, standing: "mine" });
  expect(all.filter(({ key }) => key === null).map(({ command }) => command)).toEqual(["block", "canned", "team"]);
  const say = (label: string) => ({ hand_back: "Вернуть боту", bot: "С ботом", transfer: "Передать" })[label] ?? label;
  expect(found(all, "боту вернуть", say).map(({ command }) => command)).toEqual(["hand_back"]);
  expect(found(all, "hand_back", say).map(({ command }) => command)).toEqual(["hand_back"]);
  expect(found(all, "", say)).toHaveLength(all.length);
  expect(found(all, "nowhere", say)).toEqual([]);
});

test("saved views are found by their own names, and by nothing else of theirs", () => {
  const all = entries(nothing, [{ id: "search", name: "Возвраты, русский" }, { id: "b", name: "VIP" }]);
  const say = (label: string) => label;
  expect(found(all, "русский возв", say)).toMatchObject([{ command: "saved_search", name: "Возвраты, русский", key: null }]);
  expect(found(all, "search", say).map(({ command }) => command)).toEqual(["search"]);
  expect(found(all, "saved", say)).toEqual([]);
  expect(found(all, "vip", say).map(({ command }) => command)).toEqual(["saved_b"]);
});
