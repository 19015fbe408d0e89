// @vitest-environment node
import { expect, test } from "vitest";
import type { TaughtPhrase } from "../knowledge_api";
import { phrasesInFile, taughtFor, wordsFor } from "./taught_phrases";

const phrase = (article: string, text: string, is_exported = false): TaughtPhrase => ({
  id: text,
  conversation: "c",
  article,
  title: article,
  language: "en",
  text,
  at: "2026-03-01T09:00:00Z",
  is_exported,
});
const taught = [phrase("refund", "my money"), phrase("order", "my parcel"), phrase("refund", "cash back", true), phrase("refund", "dough")];

test("an article's taught phrases are those that its file does not have", () => {
  expect(taughtFor("refund", taught).map(({ text }) => text)).toEqual(["my money", "dough"]);
  expect(taughtFor("returns", taught)).toEqual([]);
});

test("the file's phrases are the others", () => {
  const listed = ["where is my refund", "cash back", "my parcel", "my money", "dough", "moolah"];
  expect(phrasesInFile("refund", listed, taught, new Set())).toEqual(["where is my refund", "cash back", "my parcel", "moolah"]);
  const former = new Set([wordsFor("refund", "moolah"), wordsFor("order", "cash back")]);
  expect(phrasesInFile("refund", listed, taught, former)).toEqual(["where is my refund", "cash back", "my parcel"]);
});
