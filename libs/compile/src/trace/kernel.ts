import type { Node } from "../graph/node.js";

/** What a kernel is called with: its tensors' nodes by name (or by position, where there are any number) and its attributes. */
export interface KernelCall {
  /** The input of that name; throws when it is absent. */
  input(name: string): Node;
  optional(name: string): Node | undefined;
  /** The inputs of a kernel that takes any number of them. */
  inputs(): Node[];
  /** The attributes, as TensorFlow.js declares them for this kernel. */
  attributes<T>(): T;
}

/** Writes a TensorFlow.js kernel as nodes of the graph. */
export type Kernel = (call: KernelCall) => Node | readonly Node[];

export type Kernels = Readonly<Record<string, Kernel>>;
