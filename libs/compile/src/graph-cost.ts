import { createOptimizer } from "@stride/optimizers";
import { optimizerSpecSchema } from "@stride/optimizers/spec";
import type { Task } from "@stride/tasks";
import type { TaskCost } from "@stride/tasks/spec";
import { sizeOf } from "./cohort-arrays.js";
import { evaluationGraph, stepGraph } from "./compiled/step-graph.js";
import type { ProgramOptions } from "./executor.js";
import { elements } from "./graph/build.js";
import { inputAt, type Node, type Operation, type Outputs } from "./graph/node.js";
import { inOrder, operations } from "./graph/traverse.js";

/** What running a graph once takes. */
export interface GraphCost {
  /** Floating-point operations: a multiply-add counts two, a function such as exp ten, an element of anything else one. */
  readonly flops: number;
  /**
   * Bytes of memory traffic at the least: inputs read once, results written once and read once, at four a number. An elementwise result
   * that one elementwise operation alone reads never needs to be in memory.
   */
  readonly bytes: number;
}

const bytesPerNumber = 4;
/** Some of what a vectorised exponential or cosine takes. */
const flopsOfFunction = 10;

/** Operators that only look at a value in another way. */
const views = new Set(["Identity", "Reshape", "Squeeze", "Unsqueeze"]);
/** Operators that only move numbers. */
const moves = new Set([
  "Cast",
  "Concat",
  "Expand",
  "Gather",
  "GatherND",
  "Pad",
  "ScatterND",
  "Slice",
  "Tile",
  "Transpose",
]);
const functions = new Set(["Cos", "Elu", "Erf", "Exp", "Log", "Pow", "Sigmoid", "Sin", "Softplus", "Tan", "Tanh"]);
const windows = new Set(["ArgMax", "AveragePool", "CumSum", "MaxPool"]);

const weightsPerOutput = (filter: Node) => elements(filter) / (filter.shape[0] as number);

/** Operators that are not a number a number. */
const flopsOf: Readonly<Record<string, (node: Operation) => number>> = {
  MatMul: (node) => 2 * elements(node) * (inputAt(node, 0).shape.at(-1) as number),
  // Filters are `[out, in / group, …]` here, and `[in, out / group, …]` in the transpose.
  Conv: (node) => 2 * elements(node) * weightsPerOutput(inputAt(node, 1)),
  ConvTranspose: (node) => 2 * elements(inputAt(node, 0)) * weightsPerOutput(inputAt(node, 1)),
  // The exponential, and a maximum, a difference, a sum and a quotient.
  Softmax: (node) => (flopsOfFunction + 4) * elements(node),
  LogSoftmax: (node) => (flopsOfFunction + 4) * elements(node),
  ReduceSumSquare: (node) => 2 * elements(inputAt(node, 0)),
  ReduceLogSumExp: (node) => (flopsOfFunction + 3) * elements(inputAt(node, 0)),
};

/** What a graph takes, from the shapes of its nodes. */
export function graphCost(outputs: Outputs): GraphCost {
  const made = operations(outputs);
  const flops = made.reduce((sum, node) => sum + operationFlops(node), 0);
  const passing = passingResults(made, new Set(Object.values(outputs)));
  const numbers = inOrder(Object.values(outputs)).reduce(
    (sum, node) => sum + (passing.has(node) ? 0 : numbersMoved(node)),
    0,
  );
  return { flops, bytes: bytesPerNumber * numbers };
}

function operationFlops(node: Operation): number {
  if (views.has(node.operator) || moves.has(node.operator)) return 0;
  const counted = flopsOf[node.operator];
  if (counted !== undefined) return counted(node);
  if (functions.has(node.operator)) return flopsOfFunction * elements(node);
  // A reduction or a window looks at each number that it takes; anything else makes each number that it gives.
  return Math.max(elements(node), ...node.inputs.filter(({ dtype }) => dtype !== "int64").map(elements));
}

function numbersMoved(node: Node): number {
  if (node.kind === "constant") return 0;
  if (node.kind === "input") return elements(node);
  return views.has(node.operator) ? 0 : 2 * elements(node);
}

/** Elementwise results that are read by one elementwise operation and by nothing else. */
function passingResults(made: readonly Operation[], results: ReadonlySet<Node>): ReadonlySet<Node> {
  const readers = new Map<Node, Operation[]>();
  for (const reader of made) {
    for (const read of reader.inputs) readers.set(read, [...(readers.get(read) ?? []), reader]);
  }
  return new Set(
    made.filter((node) => {
      const [reader, ...others] = readers.get(node) ?? [];
      return (
        isElementwise(node) &&
        reader !== undefined &&
        others.length === 0 &&
        isElementwise(reader) &&
        !results.has(node)
      );
    }),
  );
}

function isElementwise({ operator }: Operation): boolean {
  const other = views.has(operator) || moves.has(operator) || windows.has(operator) || operator in flopsOf;
  return !other && !operator.startsWith("Reduce");
}

/**
 * Counts what a task costs in its traced graphs: a step of plain descent by one trial, whose batch is gathered already, and one
 * evaluation. Throws `UntraceableError`.
 */
export function countTaskCost(task: Task): TaskCost {
  const options: ProgramOptions = {
    task,
    optimizer: createOptimizer(optimizerSpecSchema.parse({ kind: "sgd", momentum: 0 })),
    cohortSize: 1,
    sharedBatches: true,
  };
  const { told, nextState } = stepGraph(options, "before");
  const step = graphCost({ ...told, ...Object.fromEntries(nextState.map((node, i) => [`next${i}`, node])) });
  return {
    parameters: task.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    flopsPerStep: step.flops,
    bytesPerStep: step.bytes,
    evaluationFlops: graphCost(evaluationGraph(options)).flops,
  };
}
