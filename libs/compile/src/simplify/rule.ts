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
