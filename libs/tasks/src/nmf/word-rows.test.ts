import { expect, it } from "vitest";
import { wordCounts } from "../spam-assassin/word-counts.js";
import { messages } from "./word-rows.js";

const spec = { kind: "nmf", data: "word-counts", words: 50, rank: 2, batch: 4, rows: 20, evaluationRows: 10 } as const;

it("has the logarithm of one more than each count, of training messages and of test messages", async () => {
  const { columns, training, evaluation } = await messages(spec);
  expect({ columns, rows: training.size, held: evaluation.size }).toEqual({ columns: 50, rows: 20, held: 10 });
  for (const [set, split, count] of [
    [training, "training", 20],
    [evaluation, "test", 10],
  ] as const) {
    const counts = await wordCounts({ split, count, words: 50 });
    expect(Math.max(...counts)).toBeGreaterThan(1);
    expect(set.arrays[0]?.values).toEqual(counts.map((value) => Math.log(1 + value)));
  }
});

it("gives tasks on the same messages one data set", async () => {
  expect((await messages({ ...spec, rank: 3 })).training).toBe((await messages(spec)).training);
});
