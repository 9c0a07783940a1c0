import { randomStream } from "@stride/random";
import { type Photograph, photograph, photographNames } from "../photographs/photographs.js";
import { type NmfData, rowsDataSet } from "./rows.js";
import type { NmfPhotographsSpec } from "./spec.js";

/** Of each photograph's width, from the right: held-out patches lie in it entirely, training patches entirely outside. */
export const heldOutShare = 0.2;

const computed = new Map<string, Promise<Float32Array>>();

/**
 * A square patch of a photograph a row, its brightness in [0, 1]: patch i is of photograph i mod 4, at a place drawn uniformly from a
 * fixed stream. Part of the problem, not of a trial: the same for every seed. Learning parts of photographs from such patches: Lee &
 * Seung, "Learning the parts of objects by non-negative matrix factorization", 1999, there of faces; Hoyer, "Non-negative matrix
 * factorization with sparseness constraints", 2004, of natural images.
 */
export async function patches({ rows, evaluationRows, side }: NmfPhotographsSpec): Promise<NmfData> {
  const [training, evaluation] = await Promise.all([
    cutOnce({ part: "training", count: rows, side }),
    cutOnce({ part: "held-out", count: evaluationRows, side }),
  ]);
  const columns = side * side;
  return { columns, training: rowsDataSet(training, columns), evaluation: rowsDataSet(evaluation, columns) };
}

export interface PatchRequest {
  readonly part: "training" | "held-out";
  readonly count: number;
  /** In pixels. */
  readonly side: number;
}

/** Once a process for each request, so that tasks on the same patches share them. */
function cutOnce(request: PatchRequest): Promise<Float32Array> {
  const key = `${request.part} ${request.count} ${request.side}`;
  const cut =
    computed.get(key) ?? Promise.all(photographNames.map(photograph)).then((pictures) => cutPatches(pictures, request));
  computed.set(key, cut);
  // A failed read is not kept: the next one may find the files.
  cut.catch(() => computed.delete(key));
  return cut;
}

/** Patches `[count, side · side]` of the pictures in turn. */
export function cutPatches(pictures: readonly Photograph[], { part, count, side }: PatchRequest): Float32Array {
  const places = randomStream({ seed: 0, purpose: `nmf-patches-${part}` });
  const values = new Float32Array(count * side * side);
  for (let i = 0; i < count; i++) {
    const { width, height, brightness } = pictures[i % pictures.length] as Photograph;
    const border = Math.floor(width * (1 - heldOutShare));
    const [from, to] = part === "training" ? [0, border] : [border, width];
    const left = from + places.integer(i, 0, to - from - side + 1);
    const top = places.integer(i, 1, height - side + 1);
    for (let y = 0; y < side; y++) {
      const start = (top + y) * width + left;
      values.set(brightness.subarray(start, start + side), (i * side + y) * side);
    }
  }
  return values;
}
