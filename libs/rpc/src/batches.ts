import { type AttemptReport, type CurveChunk, joinedCurve, type TrialCurve } from "@stride/experiment";
import { countOptional, mapOptional, type OptionalCurves } from "./codec/optional-curves.js";

/**
 * The most a message may weigh on the wire, both ways. What can be split is sent in far smaller parts; a batch of episodes (64 of 100
 * decisions with 16 features are half a megabyte) and a policy (a million weights are some 20 megabytes of text) are each one message.
 */
export const maxMessageBytes = 32 * 1024 * 1024;

/** What senders aim for: far enough below the limit that the estimates below need not be exact. */
const targetBytes = 1024 * 1024;
/** A float and a double, packed, and a float for each optional list. */
const pointBytes = (curves: OptionalCurves) => 12 + 4 * countOptional(curves);
/** Identifiers have up to 200 characters (600 bytes); tags, lengths and small numbers come on top. */
const itemBytes = 700;
const pointsPerPiece = 64 * 1024;

/** Groups items, in order, so that no group weighs more than `limit` unless a single item does. */
export async function* batches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  weigh: (item: T) => number,
  limit = targetBytes,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let weight = 0;
  for await (const item of items) {
    const added = weigh(item);
    if (batch.length > 0 && weight + added > limit) {
      yield batch;
      batch = [];
      weight = 0;
    }
    batch.push(item);
    weight += added;
  }
  if (batch.length > 0) yield batch;
}

/** The pieces of a curve chunk, each short enough for a message. */
function piecesOf(chunk: CurveChunk): CurveChunk[] {
  const pieces: CurveChunk[] = [];
  for (let start = 0; start < chunk.trainingLosses.length; start += pointsPerPiece) {
    const end = start + pointsPerPiece;
    pieces.push({
      trialId: chunk.trialId,
      firstStep: chunk.firstStep + start,
      trainingLosses: chunk.trainingLosses.subarray(start, end),
      learningRates: chunk.learningRates.subarray(start, end),
      ...mapOptional(chunk, (values) => values.subarray(start, end)),
    });
  }
  return pieces;
}

/**
 * Splits a report into reports of the same attempt and step that each fit a message. The same report is always split the same way,
 * so repeating it repeats its parts; an empty one stays one (a heartbeat).
 */
export function splitReport(report: AttemptReport): AttemptReport[] {
  const parts: { chunks: CurveChunk[]; evaluations: AttemptReport["evaluations"][number][] }[] = [];
  let weight = Number.POSITIVE_INFINITY;
  const partFor = (added: number) => {
    weight += added;
    if (weight > targetBytes) {
      parts.push({ chunks: [], evaluations: [] });
      weight = added;
    }
    return parts.at(-1);
  };
  for (const chunk of report.chunks.flatMap(piecesOf)) {
    partFor(itemBytes + pointBytes(chunk) * chunk.trainingLosses.length)?.chunks.push(chunk);
  }
  for (const evaluation of report.evaluations) partFor(itemBytes)?.evaluations.push(evaluation);
  if (parts.length === 0) return [{ ...report, chunks: [], evaluations: [] }];
  return parts.map((part) => ({ ...report, ...part }));
}

/** A stretch of a curve, with as many of its evaluations. */
export interface CurvePiece extends TrialCurve {
  readonly firstStep: number;
  readonly last: boolean;
}

/** The pieces of a curve in order, at least one, each short enough for a message. */
export function* splitCurve(curve: TrialCurve): Generator<CurvePiece> {
  const { trialId, trainingLosses, learningRates, evaluations } = curve;
  const length = Math.max(trainingLosses.length, evaluations.length, 1);
  for (let start = 0; start < length; start += pointsPerPiece) {
    const end = start + pointsPerPiece;
    yield {
      trialId,
      firstStep: Math.min(start, trainingLosses.length),
      trainingLosses: trainingLosses.subarray(start, end),
      learningRates: learningRates.subarray(start, end),
      ...mapOptional(curve, (values) => values.subarray(start, end)),
      evaluations: evaluations.slice(start, end),
      last: end >= length,
    };
  }
}

/** The weight of a piece in a message. */
export function weighPiece(piece: CurvePiece): number {
  return itemBytes + pointBytes(piece) * piece.trainingLosses.length + 24 * piece.evaluations.length;
}

/** Puts the pieces of `splitCurve` together again. Throws when one is missing or out of place. */
export async function* joinCurves(pieces: AsyncIterable<CurvePiece>): AsyncGenerator<TrialCurve> {
  let open: CurvePiece[] = [];
  for await (const piece of pieces) {
    const points = open.reduce((sum, { trainingLosses }) => sum + trainingLosses.length, 0);
    if (piece.firstStep !== points || (open[0]?.trialId ?? piece.trialId) !== piece.trialId) {
      throw new Error(`a piece of the curve of ${piece.trialId} begins at step ${piece.firstStep}, expected ${points}`);
    }
    open.push(piece);
    if (piece.last) {
      yield joined(open);
      open = [];
    }
  }
  if (open[0] !== undefined) throw new Error(`the curve of ${open[0].trialId} ended before its last piece`);
}

function joined(pieces: readonly CurvePiece[]): TrialCurve {
  return joinedCurve(
    pieces[0]?.trialId ?? "",
    pieces,
    pieces.flatMap(({ evaluations }) => evaluations),
  );
}
