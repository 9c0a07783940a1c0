import type { Node, Outputs } from "../graph/node.js";
import { mapNodes } from "../graph/traverse.js";

/** Common subexpressions: operations of one operator, attributes and inputs become one node; so do small equal constants. */
export function shareCommon(outputs: Outputs): Outputs {
  const ids = new Map<Node, number>();
  const known = new Map<string, Node>();
  const id = (node: Node) => ids.get(node) ?? ids.set(node, ids.size).size - 1;
  return mapNodes(outputs, (node) => {
    const key = keyOf(node, id);
    const same = key === undefined ? undefined : known.get(key);
    if (same !== undefined) return same;
    id(node);
    if (key !== undefined) known.set(key, node);
    return node;
  });
}

function keyOf(node: Node, id: (node: Node) => number): string | undefined {
  if (node.kind === "operation") {
    const commutes = node.operator === "Add" || node.operator === "Mul";
    const inputs = node.inputs.map(id);
    if (commutes) inputs.sort((a, b) => a - b);
    return `${node.operator} ${inputs} ${node.dtype} [${node.shape}] ${JSON.stringify(node.attributes)}`;
  }
  if (node.kind === "constant" && node.values.length <= 64) {
    const bytes = new Uint8Array(node.values.buffer, node.values.byteOffset, node.values.byteLength);
    return `${node.dtype} [${node.shape}] ${bytes}`;
  }
  return undefined;
}
