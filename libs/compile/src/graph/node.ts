import { sizeOf } from "../cohort-arrays.js";

export type DType = "float32" | "int32" | "int64" | "bool";

/** Attributes of an ONNX operator, with the type that the format wants to be told. */
export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "string"; readonly value: string };

export type Attributes = Readonly<Record<string, Attribute>>;

interface Valued {
  readonly dtype: DType;
  /** An extent of −1 is known only when the graph runs (the number of steps of a segment). */
  readonly shape: readonly number[];
}

/** A value given from outside. */
export interface Input extends Valued {
  readonly kind: "input";
  readonly name: string;
}

/** Bools are 0 or 1, and int64 is kept in 32 bits: nothing here is larger. */
export type ConstantValues = Float32Array | Int32Array | Uint8Array;

export interface Constant extends Valued {
  readonly kind: "constant";
  readonly values: ConstantValues;
}

/** One ONNX operator (opset 17) with one output. */
export interface Operation extends Valued {
  readonly kind: "operation";
  readonly operator: string;
  readonly inputs: readonly Node[];
  readonly attributes: Attributes;
}

/** A value in the graph, and how it comes about. Nodes are immutable and share their inputs: a graph is what its outputs reach. */
export type Node = Input | Constant | Operation;

/** Named outputs, in order. */
export type Outputs = Readonly<Record<string, Node>>;

export const int = (value: number): Attribute => ({ kind: "int", value });
export const float = (value: number): Attribute => ({ kind: "float", value });
export const ints = (value: readonly number[]): Attribute => ({ kind: "ints", value });

export const text = (value: string): Attribute => ({ kind: "string", value });

export function input(name: string, dtype: DType, shape: readonly number[]): Input {
  return { kind: "input", name, dtype, shape };
}

export function constant(values: ConstantValues, dtype: DType, shape: readonly number[]): Constant {
  if (values.length !== sizeOf(shape)) throw new RangeError(`${values.length} values do not fill [${shape}]`);
  return { kind: "constant", values, dtype, shape };
}

/** A constant of a type that tensors have, from plain numbers. */
export function constantOf(values: ArrayLike<number>, dtype: DType, shape: readonly number[] = []): Constant {
  const array = { float32: Float32Array, int32: Int32Array, int64: Int32Array, bool: Uint8Array }[dtype];
  return constant(array.from(values), dtype, shape);
}

/** A float32 constant `[]`. */
export function scalar(value: number): Constant {
  return constant(Float32Array.of(value), "float32", []);
}

/** An int64 constant `[n]`: a shape, axes, or bounds, as ONNX takes them. */
export function integers(values: readonly number[]): Constant {
  return constant(Int32Array.from(values), "int64", [values.length]);
}

export function operation(
  operator: string,
  inputs: readonly Node[],
  result: { readonly shape: readonly number[]; readonly dtype?: DType; readonly attributes?: Attributes },
): Operation {
  const { shape, dtype = inputs[0]?.dtype ?? "float32", attributes = {} } = result;
  return { kind: "operation", operator, inputs, attributes, dtype, shape };
}

export function isOperation(node: Node | undefined, operator: string): node is Operation {
  return node?.kind === "operation" && node.operator === operator;
}

export function inputAt(node: Operation, index: number): Node {
  const found = node.inputs[index];
  if (found === undefined) throw new RangeError(`${node.operator} has no input ${index}`);
  return found;
}

export function intAttribute(node: Operation, name: string, otherwise: number): number {
  const found = node.attributes[name];
  return found?.kind === "int" ? found.value : otherwise;
}

export function intsAttribute(node: Operation, name: string): readonly number[] | undefined {
  const found = node.attributes[name];
  return found?.kind === "ints" ? found.value : undefined;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}
