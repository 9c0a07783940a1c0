import { mnistDigits, mnistPixels } from "../mnist/mnist.js";
import { type NmfData, rowsDataSet } from "./rows.js";

/** A digit a row, pixels in [0, 1]: training digits to train on, test digits held out. */
export async function digits({
  rows,
  evaluationRows,
}: {
  readonly rows: number;
  readonly evaluationRows: number;
}): Promise<NmfData> {
  const [training, evaluation] = await Promise.all([
    mnistDigits({ split: "training", count: rows }),
    mnistDigits({ split: "test", count: evaluationRows }),
  ]);
  return {
    columns: mnistPixels,
    training: rowsDataSet(training.pixels, mnistPixels),
    evaluation: rowsDataSet(evaluation.pixels, mnistPixels),
  };
}
