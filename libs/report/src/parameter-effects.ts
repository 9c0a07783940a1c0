import type { View, WinRate } from "@stride/statistics";
import { groupBy } from "./group-by.js";

/** A schedule as a sweep declares it: its name and its parameters. */
export interface DeclaredSchedule {
  readonly name: string;
  readonly schedule: Readonly<Record<string, unknown>>;
}

export interface ParameterEffectQuestion {
  /** The two parameters, by their paths in the spec (`inner.factor`). */
  readonly x: string;
  readonly y: string;
  /** The schedule that the others were compared with. */
  readonly baseline: string;
  readonly view: View;
}

/** One setting of the two parameters on one task. */
export interface ParameterEffect {
  readonly task: string;
  readonly x: number | string;
  readonly y: number | string;
  readonly isDefault: boolean;
  /** Mean log ratio of its losses to the default's, natural; negative: lower. 0 for the default itself. */
  readonly logRatio: number;
}

/**
 * What two parameters of a rule do: the mean log ratio to the default (the baseline) of every schedule of the same kind that differs
 * from it in these parameters alone. Schedules that differ otherwise, or have no decided pair, are left out. Throws RangeError when the
 * baseline is not declared, or lacks one of the parameters.
 */
export function parameterEffects(
  rows: readonly WinRate[],
  schedules: readonly DeclaredSchedule[],
  { x, y, baseline, view }: ParameterEffectQuestion,
): ParameterEffect[] {
  const standard = schedules.find(({ name }) => name === baseline);
  if (standard === undefined) throw new RangeError(`no schedule is named "${baseline}"`);
  const settingOf = ({ schedule }: DeclaredSchedule) => ({ x: valueAt(schedule, x), y: valueAt(schedule, y) });
  const rest = ({ schedule }: DeclaredSchedule): string => JSON.stringify(without(schedule, [x, y]));
  const { x: defaultX, y: defaultY } = settingOf(standard);
  if (defaultX === undefined || defaultY === undefined)
    throw new RangeError(`${baseline} has no parameter ${defaultX === undefined ? x : y}`);
  const variants = new Map(
    schedules.filter((each) => rest(each) === rest(standard)).map((each) => [each.name, settingOf(each)]),
  );
  const compared = rows.filter((row) => row.view === view && row.baseline === baseline);
  return [...groupBy(compared, ({ task }) => task)].flatMap(([task, own]) => [
    { task, x: defaultX, y: defaultY, isDefault: true, logRatio: 0 },
    ...own.flatMap(({ challenger, meanLogRatio: { value } }) => {
      const setting = variants.get(challenger);
      if (setting?.x === undefined || setting.y === undefined || value === null) return [];
      return [{ task, x: setting.x, y: setting.y, isDefault: false, logRatio: value }];
    }),
  ]);
}

function valueAt(spec: Readonly<Record<string, unknown>>, path: string): number | string | undefined {
  const found = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], spec);
  return typeof found === "number" || typeof found === "string" ? found : undefined;
}

/** The spec's leaves as [path, value], those at `paths` left out, by path: two specs that differ nowhere else give the same. */
function without(spec: unknown, paths: readonly string[], at = ""): [string, unknown][] {
  if (paths.includes(at)) return [];
  if (spec === null || typeof spec !== "object" || Array.isArray(spec)) return [[at, spec]];
  return Object.entries(spec)
    .flatMap(([key, value]) => without(value, paths, at === "" ? key : `${at}.${key}`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
