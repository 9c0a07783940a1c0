import fc from "fast-check";
import {
  broadcastShape,
  concat,
  elements,
  elementwise,
  expand,
  matMul,
  reduce,
  reshape,
  slice,
  transpose,
  transposeMatrix,
} from "../src/graph/build.js";
import { constantOf, input, integers, type Node, operation, scalar } from "../src/graph/node.js";
import { values } from "./fixtures.js";
import { printGraph } from "./print-graph.js";
import { floats, type Value } from "./run-graph.js";

const inputs = [
  input("x", "float32", [2, 3, 4]),
  input("y", "float32", [3, 4]),
  input("z", "float32", [4]),
  input("rate", "float32", [2, 1, 1]),
  input("number", "float32", []),
];

const constants = [
  ...[-1, 0, 1, 3, 0.1].map(scalar),
  constantOf([-1], "float32", [1, 1]),
  constantOf([0], "float32", [1, 1, 1]),
  constantOf([2, -1, 0, 1], "float32", [4]),
  expand(scalar(0.5), [3, 4]),
  expand(scalar(1), [2, 1, 1]),
];

export const expressionValues: Readonly<Record<string, Value>> = Object.fromEntries(
  inputs.map((node, i) => [node.name, floats([...values(elements(node), 17 * i, 2)], node.shape)]),
);

interface Instruction {
  readonly make: (a: Node, b: Node, choice: number) => Node | undefined;
  readonly a: number;
  readonly b: number;
  readonly choice: number;
}

const unary = (operator: string) => (a: Node) => operation(operator, [a], { shape: a.shape });
const binary = (operator: string) => (a: Node, b: Node) =>
  broadcasts(a.shape, b.shape) ? elementwise(operator, [a, b]) : undefined;
const byConstant = (operator: string) => (a: Node, _: Node, choice: number) =>
  elementwise(operator, [a, constantOf([[2, -1, 0.3, 1][choice % 4] as number], "float32", choice > 11 ? [1, 1] : [])]);
const reduction =
  (operator: Parameters<typeof reduce>[0]) =>
  (a: Node, _: Node, choice: number): Node | undefined => {
    const axes = a.shape.flatMap((_, axis) => ((choice >> axis) % 2 === 1 ? [axis] : []));
    return axes.length === 0 ? undefined : reduce(operator, a, axes, choice % 3 === 0);
  };

/** Continuous functions alone: a rounding never becomes a jump. */
const makers: readonly Instruction["make"][] = [
  ...["Neg", "Abs", "Relu", "Tanh", "Sigmoid"].map(unary),
  ...["Add", "Sub", "Mul", "Mul", "Max", "Min"].map(binary),
  ...["Mul", "Div", "Add", "Sub"].map(byConstant),
  ...(["ReduceSum", "ReduceSum", "ReduceMean", "ReduceMax", "ReduceSumSquare"] as const).map(reduction),
  (a) => elementwise("Mul", [a, a]),
  (a) => reshape(a, [elements(a)]),
  (a, _, choice) => reshape(a, a.shape.toSpliced(choice % (a.shape.length + 1), 0, 1)),
  (a) =>
    reshape(
      a,
      a.shape.filter((extent) => extent !== 1),
    ),
  (a, b) => (elements(a) === elements(b) ? reshape(a, b.shape) : undefined),
  (a, _, choice) => transpose(a, rotated(a.shape, choice)),
  (a) => (a.shape.length >= 2 ? transposeMatrix(a) : undefined),
  (a, b) => (broadcasts(a.shape, b.shape) ? expand(a, broadcastShape(a.shape, b.shape)) : undefined),
  (a, _, choice) => {
    const repeats = a.shape.map((_, axis) => 1 + ((choice >> axis) % 2));
    const shape = a.shape.map((extent, axis) => extent * (repeats[axis] as number));
    return a.shape.length === 0 ? undefined : operation("Tile", [a, integers(repeats)], { shape });
  },
  (a) => {
    const size = a.shape.map((extent) => Math.max(1, extent - 1));
    return slice(
      a,
      a.shape.map((extent, axis) => extent - (size[axis] as number)),
      size,
    );
  },
  (a) => (a.shape.length > 0 ? concat([a, a], a.shape.length - 1) : undefined),
  (a) => (a.shape.length >= 2 ? matMul(a, transposeMatrix(a)) : undefined),
  (a, b) => {
    const fits = a.shape.length >= 2 && b.shape.length >= 2 && a.shape.at(-1) === b.shape.at(-2);
    return fits && broadcasts(a.shape.slice(0, -2), b.shape.slice(0, -2)) ? matMul(a, b) : undefined;
  },
];

function rotated(shape: readonly number[], by: number): number[] {
  return shape.map((_, axis) => (axis + by) % shape.length);
}

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  return a.toReversed().every((extent, i) => extent === 1 || [1, extent, undefined].includes(b.at(-1 - i)));
}

const instruction: fc.Arbitrary<Instruction> = fc.record({
  make: fc.constantFrom(...makers),
  a: fc.nat(99),
  b: fc.nat(99),
  choice: fc.nat(15),
});

/** All values of a computation in order: inputs and constants, then what each instruction makes of two earlier ones. */
export const computations: fc.Arbitrary<readonly Node[]> = fc
  .array(instruction, { minLength: 1, maxLength: 14 })
  .map((instructions) => {
    const nodes: Node[] = [...constants, ...inputs];
    // The last values are taken more often, so that expressions become deep.
    const pick = (i: number) => nodes.at(-1 - (i % (i % 2 === 0 ? nodes.length : Math.min(4, nodes.length)))) as Node;
    for (const { make, a, b, choice } of instructions) {
      const made = make(pick(a), pick(b), choice);
      if (made !== undefined && elements(made) <= 400 && made.shape.length <= 5) nodes.push(made);
    }
    return Object.assign(nodes, { [fc.toStringMethod]: () => printGraph({ last: nodes.at(-1) as Node }) });
  });
