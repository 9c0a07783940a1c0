import { describe, expect, it } from "vitest";
import { csvLines, formatNumber, formatTable } from "./output.js";

describe("formatNumber", () => {
  it.each([
    [null, "–"],
    [3, "3"],
    [0.123456, "0.1235"],
    [1.5e-7, "1.500e-7"],
    [123456.7, "1.235e+5"],
    [0, "0"],
  ])("%s → %s", (value, text) => expect(formatNumber(value)).toBe(text));
});

describe("csvLines", () => {
  it("quotes commas, quotes and line ends, and leaves null empty", () => {
    const rows = [
      { name: 'a "b", c', value: null, flag: true },
      { name: "two\nlines", value: 1.5, flag: false },
    ];
    expect([...csvLines(rows)]).toEqual(["name,value,flag", '"a ""b"", c",,true', '"two\nlines",1.5,false']);
  });
  it("is empty without rows", () => expect([...csvLines([])]).toEqual([]));
});

describe("formatTable", () => {
  it("aligns numbers to the right under their heading", () => {
    const text = formatTable(
      [
        { schedule: "cosine", wins: 3 },
        { schedule: "greedy", wins: 12 },
      ],
      { wins: "W" },
    );
    expect(text.split("\n").map((line) => line.trimEnd())).toEqual([
      " schedule     W",
      " cosine       3",
      " greedy      12",
    ]);
  });
  it("says so when there is nothing", () => expect(formatTable([])).toBe("(none)"));
});
