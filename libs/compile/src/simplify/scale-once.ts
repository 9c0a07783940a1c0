import { elements, elementwise, reshape } from "../graph/build.js";
import {
  inputAt,
  intsAttribute,
  isOperation,
  type Node,
  type Operation,
  type Outputs,
  sameShape,
} from "../graph/node.js";
import { inOrder, mapNodes } from "../graph/traverse.js";
import { reducedAxes } from "./broadcasting.js";

/** A product of a gradient with one number a trial: `rate` `[K, 1, ...]`, `gradient` `[K, ...]`. */
interface Scaling {
  readonly product: Operation;
  /** The rate before it was brought to the gradient's rank. */
  readonly rate: Node;
  readonly gradient: Node;
}

/**
 * Where an update multiplies every gradient with the rate, multiply what they all are linear in, the loss's own gradient: one
 * small product in place of one a parameter. s·(hᵀ·d) = hᵀ·(s·d), and so through masks, sums, reshapes and further products.
 * Does nothing where anything but those products reads a gradient, as momentum does.
 */
export function scaleOnce(outputs: Outputs): Outputs {
  const nodes = inOrder(Object.values(outputs));
  const operations = nodes.filter((node) => node.kind === "operation");
  const rates = new Map<Node, Scaling[]>();
  for (const scaling of operations.flatMap(scalings)) {
    rates.set(scaling.rate, [...(rates.get(scaling.rate) ?? []), scaling]);
  }
  const users = usersOf(operations, outputs);
  for (const [rate, candidates] of rates) {
    const scaled = new Map(candidates.map(({ product, gradient }) => [product as Node, gradient]));
    if (scaled.size < 2) continue;
    const root = operations
      .filter((node) => node.shape.length > 1 && node.shape[0] === rate.shape[0] && !scaled.has(node))
      .filter((node) => isCommonRoot(node, { scaled, users, operations }))
      .sort((a, b) => elements(a) - elements(b))[0];
    if (root !== undefined) return rewrite(outputs, root, rate, scaled);
  }
  return outputs;
}

/** Both readings of a product of two such numbers, as either may be the rate. */
function scalings(product: Operation): Scaling[] {
  if (product.operator !== "Mul" || product.dtype !== "float32") return [];
  const [a, b] = [inputAt(product, 0), inputAt(product, 1)];
  const reading = (rate: Node, gradient: Node) =>
    isPerTrial(rate, product.shape[0]) && sameShape(gradient.shape, product.shape)
      ? [{ product, rate: isOperation(rate, "Reshape") ? inputAt(rate, 0) : rate, gradient }]
      : [];
  return [...reading(a, b), ...reading(b, a)];
}

function isPerTrial({ shape }: Node, trials: number | undefined): boolean {
  return shape.length > 0 && shape[0] === trials && shape.slice(1).every((extent) => extent === 1);
}

function usersOf(operations: readonly Operation[], outputs: Outputs): Map<Node, (Operation | "output")[]> {
  const users = new Map<Node, (Operation | "output")[]>();
  const add = (node: Node, user: Operation | "output") => users.set(node, [...(users.get(node) ?? []), user]);
  for (const node of operations) for (const below of new Set(node.inputs)) add(below, node);
  for (const node of Object.values(outputs)) add(node, "output");
  return users;
}

interface Surroundings {
  readonly scaled: ReadonlyMap<Node, Node>;
  readonly users: ReadonlyMap<Node, readonly (Operation | "output")[]>;
  readonly operations: readonly Operation[];
}

/** Whether every scaled gradient is linear in `root`, and nothing else reads `root` or what comes of it. */
function isCommonRoot(root: Operation, { scaled, users, operations }: Surroundings): boolean {
  const linear = new Set<Node>([root]);
  for (const node of operations) {
    if (node === root || scaled.has(node)) continue;
    const inside = node.inputs.filter((below) => linear.has(below));
    if (inside.length > 0 && inside.length === 1 && isLinear(node, inside[0] as Node)) linear.add(node);
  }
  if (![...scaled.values()].every((gradient) => linear.has(gradient))) return false;
  return [...linear].every((node) =>
    (users.get(node) ?? []).every((user) => user !== "output" && (linear.has(user) || scaled.get(user) === node)),
  );
}

/** Whether a factor a trial of the operand `below` goes through to the result, trials staying apart. */
function isLinear(node: Operation, below: Node): boolean {
  const trials = below.shape[0];
  if (node.shape[0] !== trials) return false;
  switch (node.operator) {
    case "MatMul":
      return below.shape.length > 2 && node.shape.length === below.shape.length;
    case "Mul":
      return node.shape.length === below.shape.length;
    case "ReduceSum":
      return !reducedAxes(node).includes(0);
    case "Reshape":
      return true;
    case "Transpose":
      return intsAttribute(node, "perm")?.[0] === 0;
    default:
      return false;
  }
}

function rewrite(outputs: Outputs, root: Operation, rate: Node, scaled: ReadonlyMap<Node, Node>): Outputs {
  const rebuilt = new Map<Node, Node>();
  return mapNodes(outputs, (node, original) => {
    const gradient = scaled.get(original);
    const result = gradient === undefined ? node : (rebuilt.get(gradient) as Node);
    const shape = [root.shape[0] as number, ...root.shape.slice(1).map(() => 1)];
    const replacement = original === root ? elementwise("Mul", [result, reshape(rate, shape)]) : result;
    rebuilt.set(original, replacement);
    return replacement;
  });
}
