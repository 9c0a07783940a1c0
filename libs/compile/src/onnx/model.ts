import { sizeOf } from "../cohort-arrays.js";
import { constant, type Input, type Node, type Outputs } from "../graph/node.js";
import { inOrder, mapNodes } from "../graph/traverse.js";
import { encodeModel, type OnnxGraph, type OnnxNode, type OnnxValue } from "./encode.js";

/** A repeated number is written out up to this size; above it the runtime repeats it when it loads the model. */
const largestWrittenOut = 1 << 16;

export function asValue(name: string, { dtype, shape }: Node): OnnxValue {
  return { name, dtype, shape };
}

/** The inputs that a graph reads. */
export function inputsOf(outputs: Outputs): Input[] {
  return inOrder(Object.values(outputs)).filter((node) => node.kind === "input");
}

/** A graph that can be run alone. */
export function graphModel(outputs: Outputs): Uint8Array<ArrayBuffer> {
  return encodeModel({
    name: "graph",
    ...writeNodes(outputs, "v"),
    inputs: inputsOf(outputs).map((node) => asValue(node.name, node)),
    outputs: Object.entries(outputs).map(([name, node]) => asValue(name, node)),
  });
}

/** The nodes and constants that compute `outputs` under their names; other values are called `prefix` and a number. */
export function writeNodes(outputs: Outputs, prefix: string): Pick<OnnxGraph, "nodes" | "initializers"> {
  const written = mapNodes(outputs, writeOut);
  const names = new Map<Node, string>();
  // An output that is an input, a constant or a second name of one value is a copy.
  const copies: OnnxNode[] = [];
  for (const [name, node] of Object.entries(written)) {
    if (node.kind === "operation" && !names.has(node)) names.set(node, name);
    else copies.push({ operator: "Identity", inputs: [nameOf(node)], outputs: [name] });
  }
  function nameOf(node: Node): string {
    const name = names.get(node) ?? (node.kind === "input" ? node.name : `${prefix}${names.size}`);
    names.set(node, name);
    return name;
  }
  const all = inOrder(Object.values(written));
  const nodes = all.flatMap((node) =>
    node.kind === "operation"
      ? [{ ...node, inputs: node.inputs.map(nameOf), outputs: [nameOf(node)] } satisfies OnnxNode]
      : [],
  );
  const initializers = all.flatMap((node) =>
    node.kind === "constant" ? [{ name: nameOf(node), constant: node }] : [],
  );
  return { nodes: [...nodes, ...copies], initializers };
}

function writeOut(node: Node): Node {
  const number = node.kind === "operation" && node.operator === "Expand" ? node.inputs[0] : undefined;
  if (number?.kind !== "constant" || number.values.length !== 1 || sizeOf(node.shape) > largestWrittenOut) return node;
  const values = new (number.values.constructor as Float32ArrayConstructor)(sizeOf(node.shape));
  return constant(values.fill(number.values[0] as number), node.dtype, node.shape);
}
