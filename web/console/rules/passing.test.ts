// @vitest-environment node
import { expect, test } from "vitest";
import type { Queue, Staff } from "../wire";
import { endOf, reachable } from "./passing";

const person = (id: string, presence: Staff["presence"], open = 0): Staff => ({
  id,
  email: `${id}@shop.example`,
  name: id.toUpperCase(),
  role: "agent",
  presence,
  languages: [],
  open,
  capacity: 5,
  seen_at: null,
  has_second_factor: false,
});
const queue: Queue = { name: "returns", title: "Возвраты", is_open: false };

test("whoever is there comes first, the freer before the busier, and nobody passes on to themselves", () => {
  const staff = [person("me", "online"), person("gone", "offline"), person("busy", "online", 4), person("free", "online"), person("away", "away")];
  expect(reachable(staff, [queue], "me", "").map(({ key }) => key)).toEqual([
    "agent-free",
    "agent-busy",
    "agent-away",
    "agent-gone",
    "queue-returns",
  ]);
  expect(reachable(staff, [queue], "me", " возВ ").map(({ key }) => key)).toEqual(["queue-returns"]);
  expect(reachable(staff, [queue], "me", "retu").map(({ name }) => name)).toEqual(["Возвраты"]);
  expect(reachable(staff, [queue], "me", "nobody")).toEqual([]);
});

test("rests end in the morning, and a Monday is never today", () => {
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour);
  const sunday = at(22, 15);
  expect(endOf("hour", sunday)).toEqual(at(22, 16));
  expect(endOf("three_hours", at(22, 23))).toEqual(at(23, 2));
  expect(endOf("tomorrow", sunday)).toEqual(at(23, 9));
  expect(endOf("monday", sunday)).toEqual(at(23, 9));
  expect(endOf("monday", at(23, 8))).toEqual(at(30, 9));
  expect(endOf("monday", at(25, 8))).toEqual(at(30, 9));
  expect(endOf("reply", sunday)).toBeNull();
});
