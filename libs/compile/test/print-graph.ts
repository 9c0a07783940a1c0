import type { Node, Outputs } from "../src/graph/node.js";
import { inOrder } from "../src/graph/traverse.js";

/** A graph as lines to read: `3 = Mul(1, 2) [2,3]`. */
export function printGraph(outputs: Outputs): string {
  const ids = new Map<Node, string>();
  const lines = inOrder(Object.values(outputs)).flatMap((node) => {
    if (node.kind === "operation") {
      ids.set(node, `%${ids.size}`);
      return [
        `${ids.get(node)} = ${node.operator}(${node.inputs.map((below) => ids.get(below)).join(", ")}) [${node.shape}]`,
      ];
    }
    ids.set(node, node.kind === "input" ? node.name : `{${[...node.values].slice(0, 4)}}[${node.shape}]`);
    return [];
  });
  return [...lines, ...Object.entries(outputs).map(([name, node]) => `${name}: ${ids.get(node)}`)].join("\n");
}
