// @vitest-environment node
import { expect, test } from "vitest";
import { codeIn, refusedField, secretGroups, wrongInCode, wrongInOwnPassword } from "./second_factor";

test("a secret is read in groups of four, and nothing of it is lost", () => {
  expect(secretGroups("JBSWY3DPEHPK3PXP")).toEqual(["JBSW", "Y3DP", "EHPK", "3PXP"]);
  expect(secretGroups("JBSWY3")).toEqual(["JBSW", "Y3"]);
  expect(secretGroups("")).toEqual([]);
});

test("a code is taken as apps show it and keyboards type it", () => {
  const check = (typed: string, code: string, isFine: boolean) => {
    expect(codeIn(typed), typed).toBe(code);
    expect(wrongInCode(typed)?.field, typed).toBe(isFine ? undefined : "code");
  };
  check("123456", "123456", true);
  check(" 123 456 ", "123456", true);
  check("123-456", "123456", true);
  check("１２３４５６", "123456", true);
  check("000000", "000000", true);
  check("12345", "12345", false);
  check("1234567", "1234567", false);
  check("12345x", "12345x", false);
  check("", "", false);
});

test("a password must stand there, whatever it is", () => {
  expect(wrongInOwnPassword("")).toEqual({ field: "password", key: "password_wanted" });
  expect(wrongInOwnPassword(" ")).toBeNull();
});

test("what the server did not take is marked where it was typed", () => {
  const check = (code: string, field: string | null) => expect(refusedField({ status: 422, code })).toBe(field);
  check("bad_code", "code");
  check("wrong_password", "password");
  check("locked_out", null);
  check("bad_input", null);
  expect([refusedField(null), refusedField(undefined)]).toEqual([null, null]);
});
