// @vitest-environment node
import { expect, test } from "vitest";
import { hashOf, parseRoute } from "./route";

test("an address names a place, and every place has an address", () => {
  const check = (hash: string, canonical: string) => expect(hashOf(parseRoute(hash)), hash).toBe(canonical);
  check("", "#/waiting");
  check("#/mine", "#/mine");
  check("#/mine/c_1", "#/mine/c_1");
  check("#/mine/a%2Fb", "#/mine/a%2Fb");
  check("#/knowledge", "#/knowledge");
  check("#/findings", "#/knowledge");
  check("#/team", "#/team");
  check("#/follow_ups/c_1", "#/follow_ups/c_1");
  check("#/nowhere/c_1", "#/waiting/c_1");
  check("#/mine/%E0%A4%A", "#/mine");
  check("#/mine?saved=v_1", "#/mine?saved=v_1");
  check("#/mine/c_1?saved=v%261", "#/mine/c_1?saved=v%261");
  check("#/mine/c_1?saved=", "#/mine/c_1");
  check("#/team?saved=v_1", "#/team");
  expect(parseRoute("#/mine/c_1?saved=v%261")).toEqual({ at: "list", view: "mine", open: "c_1", saved: "v&1" });
});
