import type { CurveChunk } from "@stride/experiment";

/** One step of a trial's curve. */
export interface CurvePoint {
  readonly trainingLoss: number;
  readonly seenLoss: number;
  readonly learningRate: number;
  readonly lowestRate: number;
  readonly highestRate: number;
  /** The stability bound of the step, where it is known. */
  readonly bound?: number | undefined;
}

/** A trial's curve since it was last reported. */
export interface CurveBuffer {
  add(point: CurvePoint): void;
  /** What was added since the last time; undefined when that is nothing. */
  take(): CurveChunk | undefined;
}

export interface CurveBufferOptions {
  readonly trialId: string;
  /** Points between two takings at most. */
  readonly capacity: number;
  /** Whether what the rule sees is another loss than the true one. */
  readonly hasSeenLosses: boolean;
}

export function createCurveBuffer({ trialId, capacity, hasSeenLosses }: CurveBufferOptions): CurveBuffer {
  const columns = {
    trainingLosses: new Float32Array(capacity),
    seenLosses: new Float32Array(capacity),
    lowestRates: new Float32Array(capacity),
    highestRates: new Float32Array(capacity),
    bounds: new Float32Array(capacity),
  };
  const learningRates = new Float64Array(capacity);
  let firstStep = 0;
  let length = 0;
  let spread = false;
  let bounded = false;
  return {
    add(point) {
      columns.trainingLosses[length] = point.trainingLoss;
      columns.seenLosses[length] = point.seenLoss;
      columns.lowestRates[length] = point.lowestRate;
      columns.highestRates[length] = point.highestRate;
      columns.bounds[length] = point.bound ?? Number.NaN;
      bounded ||= point.bound !== undefined;
      learningRates[length] = point.learningRate;
      // NaN, the rate of a trial that is lost, is no spread.
      spread ||= point.lowestRate < point.highestRate;
      length++;
    },
    take() {
      if (length === 0) return undefined;
      const cut = (column: Float32Array) => column.slice(0, length);
      const chunk: CurveChunk = {
        trialId,
        firstStep,
        trainingLosses: cut(columns.trainingLosses),
        learningRates: learningRates.slice(0, length),
        ...(hasSeenLosses ? { seenLosses: cut(columns.seenLosses) } : {}),
        ...(spread ? { lowestRates: cut(columns.lowestRates), highestRates: cut(columns.highestRates) } : {}),
        ...(bounded ? { bounds: cut(columns.bounds) } : {}),
      };
      firstStep += length;
      length = 0;
      spread = false;
      bounded = false;
      return chunk;
    },
  };
}
