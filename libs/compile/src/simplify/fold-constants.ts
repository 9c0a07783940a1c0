import { sizeOf } from "../cohort-arrays.js";
import { type Constant, constant, type Node, type Operation, sameShape } from "../graph/node.js";
import type { Rule } from "./rule.js";

const largest = 1 << 20;

const unary: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
  Reciprocal: (x) => 1 / x,
  Floor: Math.floor,
  Cast: (x) => x,
};

const binary: Readonly<Record<string, (x: number, y: number) => number>> = {
  Add: (x, y) => x + y,
  Sub: (x, y) => x - y,
  Mul: (x, y) => x * y,
  Div: (x, y) => x / y,
  Max: Math.max,
  Min: Math.min,
  Pow: (x, y) => x ** y,
};

/** Computes what is known: arithmetic on float32 constants, and their shapes. Each result is rounded to float32, as it would be. */
export const foldConstants: Rule = (node) => {
  const [x, y] = node.inputs;
  if (x?.kind !== "constant") return undefined;
  if (node.operator === "Reshape") return constant(x.values, x.dtype, node.shape);
  if (node.dtype !== "float32" || sizeOf(node.shape) > largest) return undefined;
  const one = unary[node.operator];
  if (one !== undefined) {
    return constant(Float32Array.from(x.values, one), "float32", node.shape);
  }
  const two = binary[node.operator];
  if (two === undefined || y?.kind !== "constant") return undefined;
  return constant(broadcastInto(node, [x, y], two), "float32", node.shape);
};

function broadcastInto(
  node: Operation,
  [x, y]: readonly [Constant, Constant],
  compute: (x: number, y: number) => number,
): Float32Array {
  const [left, right] = [positions(x, node), positions(y, node)];
  return Float32Array.from({ length: sizeOf(node.shape) }, (_, i) =>
    compute(x.values[left(i)] as number, y.values[right(i)] as number),
  );
}

/** Which value of `operand` goes into element i of the result. */
function positions(operand: Node, { shape }: Operation): (i: number) => number {
  if (sizeOf(operand.shape) === 1) return () => 0;
  if (sameShape(operand.shape, shape)) return (i) => i;
  const missing = shape.length - operand.shape.length;
  const strides = shape.map((_, axis) => {
    const own = operand.shape[axis - missing];
    return own === undefined || own === 1 ? 0 : sizeOf(operand.shape.slice(axis - missing + 1));
  });
  return (i) => {
    let rest = i;
    let position = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const extent = shape[axis] as number;
      position += (rest % extent) * (strides[axis] as number);
      rest = Math.floor(rest / extent);
    }
    return position;
  };
}
