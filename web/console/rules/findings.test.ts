// @vitest-environment node
import { expect, test } from "vitest";
import type { Finding } from "../wire";
import { byFile, positionOf } from "./findings";

test("findings file by file, the broken ones first, from top to bottom", () => {
  const finding = (file: string, line: number | null, severity = "warning", column: number | null = null): Finding => ({
    severity,
    code: "x",
    file,
    line,
    column,
    message: "",
  });
  const files = byFile([finding("a.md", 9), finding("b.md", 3, "error"), finding("a.md", null), finding("a.md", 2)]);
  expect(files.map(([file, found]) => [file, found.map(({ line }) => line)])).toEqual([
    ["b.md", [3]],
    ["a.md", [null, 2, 9]],
  ]);
  expect([positionOf(finding("a", 3, "error", 7)), positionOf(finding("a", 3)), positionOf(finding("a", null))]).toEqual(["3:7", "3", "–"]);
});
