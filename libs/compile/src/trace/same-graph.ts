import type { Node, Outputs } from "../graph/node.js";
import { sameShape } from "../graph/node.js";

/** Whether two graphs are equal node by node, constants to the bit. */
export function sameGraph(a: Outputs, b: Outputs): boolean {
  const equal = new Map<Node, Node>();
  const same = (x: Node, y: Node): boolean => {
    if (equal.get(x) === y) return true;
    if (!sameNode(x, y)) return false;
    if (x.kind === "operation" && y.kind === "operation") {
      if (x.inputs.length !== y.inputs.length) return false;
      if (!x.inputs.every((below, i) => same(below, y.inputs[i] as Node))) return false;
    }
    equal.set(x, y);
    return true;
  };
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [x, y] = [a[name], b[name]];
      return x !== undefined && y !== undefined && same(x, y);
    })
  );
}

function sameNode(x: Node, y: Node): boolean {
  if (x === y) return true;
  if (x.dtype !== y.dtype || !sameShape(x.shape, y.shape)) return false;
  if (x.kind === "constant") return y.kind === "constant" && sameBytes(x.values, y.values);
  if (x.kind === "operation") {
    return (
      y.kind === "operation" &&
      x.operator === y.operator &&
      JSON.stringify(x.attributes) === JSON.stringify(y.attributes)
    );
  }
  return y.kind === "input" && x.name === y.name;
}

/** NaN equals NaN, and −0 is not 0. */
export function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const bytes = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const [left, right] = [bytes(a), bytes(b)];
  return left.every((byte, i) => byte === right[i]);
}
