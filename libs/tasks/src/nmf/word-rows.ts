import { wordCounts } from "../spam-assassin/word-counts.js";
import { type NmfData, rowsDataSet } from "./rows.js";
import type { NmfWordCountsSpec } from "./spec.js";

/**
 * An e-mail a row, a word a column: log(1 + n) of a word that stands n times in it. Without the logarithm a few long messages, with
 * "the" two hundred times, would be most of the squared error.
 */
export async function messages({ rows, evaluationRows, words }: NmfWordCountsSpec): Promise<NmfData> {
  const [training, evaluation] = await Promise.all([
    logCounts({ split: "training", count: rows, words }),
    logCounts({ split: "test", count: evaluationRows, words }),
  ]);
  return {
    columns: words,
    training: rowsDataSet(training, words),
    evaluation: rowsDataSet(evaluation, words),
  };
}

const computed = new Map<string, Promise<Float32Array>>();

/** Once a process for each request, so that tasks on the same messages share them. */
function logCounts(request: Parameters<typeof wordCounts>[0]): Promise<Float32Array> {
  const key = `${request.split} ${request.count} ${request.words}`;
  const counts = computed.get(key) ?? wordCounts(request).then((values) => values.map(Math.log1p));
  computed.set(key, counts);
  // A failed read is not kept: the next one may find the files.
  counts.catch(() => computed.delete(key));
  return counts;
}
