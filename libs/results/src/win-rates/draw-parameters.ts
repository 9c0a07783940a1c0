import { canonicalJson } from "@stride/experiment";
import type { TunedRate } from "@stride/statistics";
import { configurationId } from "../configuration.js";
import type { Queryable } from "../database.js";
import type { ConfigurationName } from "../queries/configuration-names.js";
import { drawSpecs } from "../queries/draw-specs.js";

/** The rates with what was drawn besides them, where a drawn one was chosen. */
export async function withParameters(
  database: Queryable,
  rates: readonly TunedRate[],
  configurations: readonly ConfigurationName[],
): Promise<readonly TunedRate[]> {
  if (!rates.some(({ drawn }) => drawn)) return rates;
  const keys = new Map(configurations.map((one) => [configurationId(one), one.configurationKey]));
  const keyOf = (rate: TunedRate) => keys.get(configurationId(rate)) ?? 0;
  const specs = await drawSpecs(database, rates.filter(({ drawn }) => drawn).map(keyOf));
  const parameters = new Map(specs.map((spec) => [spec.configurationKey, differences(spec.drawn, spec.declared)]));
  return rates.map((rate) => (rate.drawn ? { ...rate, parameters: parameters.get(keyOf(rate)) ?? {} } : rate));
}

/** What a spec says differently from another, by path (`schedule.patience`), ascending. */
export function differences(spec: unknown, other: unknown): Readonly<Record<string, unknown>> {
  const before = new Map(leaves(other, ""));
  return Object.fromEntries(
    leaves(spec, "").filter(([path, value]) => canonicalJson(before.get(path) ?? null) !== canonicalJson(value)),
  );
}

function leaves(value: unknown, path: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return path === "" ? [] : [[path, value]];
  return Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([key, part]) => leaves(part, path === "" ? key : `${path}.${key}`));
}
