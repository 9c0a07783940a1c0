import type { ConditionCell, View, WinRateCell, WinRateCells } from "./types.js";

/** What one `WinRate` row is about: a comparison on one task, or on "all" of them. */
export interface Scope {
  readonly task: string;
  readonly challenger: string;
  readonly baseline: string;
  readonly view: View;
  /** `[task][seed]`, tasks ascending by name and seeds by number. */
  readonly cells: readonly (readonly WinRateCell[])[];
  readonly conditions: readonly ConditionCell[];
}

/** Scopes in the order of the report: the fixed view first, then by challenger, baseline and task, "all" before the single tasks. */
export function scopes({ cells, conditions }: Pick<WinRateCells, "cells" | "conditions">): Scope[] {
  const conditionsOf = groupBy(conditions, comparisonKey);
  return [...groupBy([...cells].sort(inOrder), comparisonKey)].flatMap(([key, compared]) => {
    const [first] = compared;
    if (first === undefined) return [];
    const { challenger, baseline, view } = first;
    const byTask = groupBy(compared, (cell) => cell.task);
    const all = conditionsOf.get(key) ?? [];
    const together: Scope = { task: "all", challenger, baseline, view, cells: [...byTask.values()], conditions: all };
    const single = [...byTask].map(([task, seeds]) => {
      return { ...together, task, cells: [seeds], conditions: all.filter((condition) => condition.task === task) };
    });
    return [together, ...single];
  });
}

type Comparison = Pick<WinRateCell, "view" | "challenger" | "baseline">;

function comparisonKey({ view, challenger, baseline }: Comparison): string {
  return JSON.stringify([view, challenger, baseline]);
}

/** By code unit, and so the same in every locale. */
function inOrder(left: WinRateCell, right: WinRateCell): number {
  for (const key of ["view", "challenger", "baseline", "task"] as const) {
    if (left[key] !== right[key]) return left[key] < right[key] ? -1 : 1;
  }
  return left.seed - right.seed;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
