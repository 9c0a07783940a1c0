import { refuse } from "./fields.js";

/** What a curve may have besides its losses and rates, with the fields' names on the wire. */
const wireNames = {
  seenLosses: "seen_losses",
  lowestRates: "lowest_rates",
  highestRates: "highest_rates",
  bounds: "bounds",
} as const;

type Name = keyof typeof wireNames;
export type OptionalCurves = Readonly<Partial<Record<Name, Float32Array>>>;

const names = Object.keys(wireNames) as readonly Name[];

/** Those of a curve that are there and not empty, each changed. */
export function mapOptional(curves: OptionalCurves, change: (values: Float32Array) => Float32Array): OptionalCurves {
  const changed: Partial<Record<Name, Float32Array>> = {};
  for (const name of names) {
    const values = curves[name];
    if (values === undefined || values.length === 0) continue;
    const result = change(values);
    if (result.length > 0) changed[name] = result;
  }
  return changed;
}

/** How many there are. */
export function countOptional(curves: OptionalCurves): number {
  return names.reduce((count, name) => (curves[name] === undefined ? count : count + 1), 0);
}

/** Empty lists stand for what is left out. */
export function encodeOptional({
  seenLosses,
  lowestRates,
  highestRates,
  bounds,
}: OptionalCurves): Record<Name, number[]> {
  return {
    seenLosses: Array.from(seenLosses ?? []),
    lowestRates: Array.from(lowestRates ?? []),
    highestRates: Array.from(highestRates ?? []),
    bounds: Array.from(bounds ?? []),
  };
}

/** Refuses a list that is neither empty nor as long as the losses. */
export function decodeOptional(
  field: string,
  message: Readonly<Record<Name | "trainingLosses", readonly number[]>>,
): OptionalCurves {
  const { length } = message.trainingLosses;
  const curves: Partial<Record<Name, Float32Array>> = {};
  for (const name of names) {
    const list = message[name];
    if (list.length === 0) continue;
    if (list.length !== length) {
      refuse(`${field}.${wireNames[name]}`, `empty or as long as training_losses (${length})`, list.length);
    }
    curves[name] = Float32Array.from(list);
  }
  return curves;
}
