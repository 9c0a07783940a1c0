import type { Node, Operation, Outputs } from "./node.js";

/** Everything that the roots reach, each node once, inputs before their users. */
export function inOrder(roots: Iterable<Node>): Node[] {
  const done = new Set<Node>();
  for (const root of roots) {
    const stack: { node: Node; next: number }[] = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1) as { node: Node; next: number };
      const below = top.node.kind === "operation" ? top.node.inputs[top.next] : undefined;
      top.next++;
      if (below === undefined || done.has(top.node)) {
        done.add(top.node);
        stack.pop();
      } else if (!done.has(below)) {
        stack.push({ node: below, next: 0 });
      }
    }
  }
  return [...done];
}

/** The operations of a graph. */
export function operations(outputs: Outputs): Operation[] {
  return inOrder(Object.values(outputs)).filter((node) => node.kind === "operation");
}

/** Rebuilds a graph from its inputs up: `rebuild` gets each node with its inputs already rebuilt. */
export function mapNodes(outputs: Outputs, rebuild: (node: Node, original: Node) => Node): Outputs {
  const rebuilt = new Map<Node, Node>();
  const of = (node: Node) => rebuilt.get(node) ?? node;
  for (const node of inOrder(Object.values(outputs))) {
    const moved =
      node.kind === "operation" && node.inputs.some((below) => of(below) !== below)
        ? { ...node, inputs: node.inputs.map(of) }
        : node;
    rebuilt.set(node, rebuild(moved, node));
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, of(node)]));
}
