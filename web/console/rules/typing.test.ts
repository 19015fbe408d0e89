// @vitest-environment node
import { expect, test } from "vitest";
import { Hands, parseLookers, parseTyping, TELL_EVERY_MS } from "./typing";

test("frames that tell of hands, and others", () => {
  expect(parseTyping('{"hint":"typing","id":"c","customer":true}')).toEqual({ id: "c", customer: true });
  expect(parseTyping('{"hint":"typing","id":"c","customer":false,"more":1}')).toEqual({ id: "c", customer: false });
  for (const frame of ['{"hint":"typing","id":"c"}', '{"hint":"conversation","id":"c"}', "not json", "null", new Blob()]) {
    expect(parseTyping(frame)).toBeNull();
  }
});

test("frames that tell of other agents, and others", () => {
  expect(parseLookers('{"hint":"lookers","id":"c"}')).toBe("c");
  for (const frame of ['{"hint":"lookers"}', '{"hint":"queue"}', "not json", null, new Blob()]) expect(parseLookers(frame)).toBeNull();
});

test("the server is told now and then, and once when the hands rest", () => {
  const hands = new Hands();
  expect(hands.rest("a")).toBe(false);
  expect(hands.types("a", 0)).toBe(true);
  expect(hands.types("a", TELL_EVERY_MS - 1)).toBe(false);
  expect(hands.types("a", TELL_EVERY_MS)).toBe(true);
  // Another conversation is another matter.
  expect(hands.types("b", TELL_EVERY_MS + 1)).toBe(true);
  expect(hands.rest("a")).toBe(false);
  expect(hands.rest("b")).toBe(true);
  expect(hands.rest("b")).toBe(false);
  expect(hands.types("b", TELL_EVERY_MS + 2)).toBe(true);
});
