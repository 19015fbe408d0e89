import { expect, test } from "vitest";
import type { Attachment } from "../wire";
import { isShown, previewSize, refusalText, sizeText } from "./files";

const file = (more: Partial<Attachment>): Attachment => ({ id: "f", name: "a.png", type: "image/png", bytes: 1, url: "/f", ...more });

test("sizes", () => {
  const check = (bytes: number, expected: string) => expect(sizeText("en", bytes)).toBe(expected);
  check(0, "0 B");
  check(999, "999 B");
  check(1000, "1 KB");
  check(24_300, "24 KB");
  check(999_499, "999 KB");
  check(999_500, "1 MB");
  check(3_440_000, "3.4 MB");
  check(10_485_760, "10 MB");
  expect(sizeText("ru", 3_440_000)).toBe("3,4 MB");
});

test("pictures are shown, everything else is only saved", () => {
  expect(isShown(file({}))).toBe(true);
  expect(isShown(file({ type: "image/heif" }))).toBe(false);
  expect(isShown(file({ type: "image/svg+xml" }))).toBe(false);
  expect(isShown(file({ type: "application/pdf" }))).toBe(false);
});

test("previews keep their shape and never grow", () => {
  expect(previewSize(file({ width: 1000, height: 500 }), 240)).toEqual({ width: 240, height: 120 });
  expect(previewSize(file({ width: 30, height: 20 }), 240)).toEqual({ width: 30, height: 20 });
  expect(previewSize(file({ width: 30_000, height: 3 }), 240)).toEqual({ width: 240, height: 1 });
  expect(previewSize(file({}), 240)).toBeNull();
});

test("refusals in words, also of a newer server", () => {
  expect(refusalText("en", "too_large", 10_000_000, "en")).toContain("10 MB");
  expect(refusalText("en", "too_large", null, "en")).toBe("Too large");
  expect(refusalText("ru", "bad_type", null, "ru")).toBe("Такие файлы не отправляются");
  expect(refusalText("en", "something_new", null, "en")).toBe("Not uploaded");
});
