import type { Constant, Node, Operation } from "../graph/node.js";

/**
 * One simplification: an equal, cheaper node, or undefined where it does not apply. Pure; `node`'s inputs are already simplified.
 * Every rule moves toward one form (constants outward and merged, small operands scaled first), so that applying all of them ends.
 */
export type Rule = (node: Operation) => Node | undefined;

/** The constant of one element that `node` is, if it is. */
export function constantScalar(node: Node | undefined): Constant | undefined {
  return node?.kind === "constant" && node.values.length === 1 ? node : undefined;
}

/** Its value. */
export function scalarValue(node: Node | undefined): number | undefined {
  return constantScalar(node)?.values[0];
}

/** Whether float32 holds `value` with all its digits: not 0, not Infinity, and not so small that running takes it for 0. */
export function isNormal(value: number): boolean {
  const magnitude = Math.abs(Math.fround(value));
  return magnitude >= 2 ** -126 && magnitude < Number.POSITIVE_INFINITY;
}

/** Whether `value` may change places in a product: the partial products then overflow nowhere that others would not soon. */
export function isModest(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude >= 2 ** -32 && magnitude <= 2 ** 32;
}
