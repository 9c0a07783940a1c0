import { elements, reshape } from "../graph/build.js";
import { type Input, input, type Node, type Operation, type Outputs } from "../graph/node.js";
import { inOrder, mapNodes } from "../graph/traverse.js";
import { elementwiseOperators } from "../simplify/broadcasting.js";

/** Elements a step up to which a value may be kept for all steps at once, however small what it comes from. */
const alwaysSmall = 4096;

export interface Hoisted {
  /** The body of one step; its inputs include one for each of `perStep`. */
  readonly body: Outputs;
  /**
   * For all steps at once, `[T, ...]`, under the name by which the body reads its row; computed from inputs that are called as
   * the step's, after `all_`. At least one, as a scan counts its steps by them.
   */
  readonly perStep: Readonly<Record<string, Node>>;
}

/**
 * Takes out of a step what depends only on what is given for each step (rates, indices, the step's number): it is computed for
 * all steps at once before the first one, where it costs one operator a segment and not one a step.
 */
export function hoist(step: Outputs, stepInputs: readonly Input[]): Hoisted {
  const stacked = new Map<Node, Node>();
  for (const given of stepInputs) stacked.set(given, input(`all_${given.name}`, given.dtype, [-1, ...given.shape]));
  for (const node of inOrder(Object.values(step))) {
    const all = node.kind === "operation" ? stack(node, stacked) : undefined;
    if (all !== undefined) stacked.set(node, all);
  }
  const rows = new Map<Node, Input>();
  const rowOf = (node: Operation) => {
    const row = rows.get(node) ?? input(`row${rows.size}`, node.dtype, node.shape);
    rows.set(node, row);
    return row;
  };
  const body = mapNodes(step, (moved, node) => (node.kind === "operation" && stacked.has(node) ? rowOf(node) : moved));
  const reached = new Set(inOrder(Object.values(body)));
  const taken = [...rows]
    .filter(([, row]) => reached.has(row))
    .map(([node, row]) => [row.name, stacked.get(node)] as const);
  const none = taken.length === 0 && !stepInputs.some((given) => reached.has(given));
  const read = none ? stepInputs.slice(0, 1) : stepInputs.filter((given) => reached.has(given));
  const direct = read.map((given) => [given.name, stacked.get(given)] as const);
  return { body, perStep: Object.fromEntries([...direct, ...taken]) as Record<string, Node> };
}

/** The node for all steps at once, if its inputs have theirs or are constant. */
function stack(node: Operation, stacked: ReadonlyMap<Node, Node>): Node | undefined {
  const variable = node.inputs.filter((below) => below.kind !== "constant");
  if (variable.length === 0 || !variable.every((below) => stacked.has(below))) return undefined;
  const largest = Math.max(alwaysSmall, ...variable.map(elements));
  if (elements(node) > largest) return undefined;
  const rank = node.shape.length;
  if (node.operator === "Reshape") return reshape(stacked.get(node.inputs[0] as Node) as Node, [-1, ...node.shape]);
  if (!elementwiseOperators.has(node.operator)) return undefined;
  const inputs = node.inputs.map((below) => {
    const all = stacked.get(below);
    if (all === undefined) return below;
    const missing = Array.from({ length: rank - below.shape.length }, () => 1);
    return reshape(all, [-1, ...missing, ...below.shape]);
  });
  return { ...node, inputs, shape: [-1, ...node.shape] };
}
