import { z } from "zod";
import { absoluteRate, stepCount } from "../fields.js";
import { InvalidArgument } from "../invalid-argument.js";
import { parametersOf, type Rule } from "../rule.js";

const mostEntries = 100_000;
const rate = absoluteRate();

const schema = z.strictObject({
  kind: z.literal("recorded"),
  rates: z
    .array(z.tuple([stepCount({ min: 0 }), rate]).meta({ title: "a pair [step, rate]" }))
    .min(1)
    .max(mostEntries)
    .refine((rates) => rates[0]?.[0] === 0, { error: "rates must begin at step 0" })
    .refine((rates) => rates.every(([step], i) => i === 0 || step > (rates[i - 1]?.[0] as number)), {
      error: "rates must increase in their steps",
    })
    .meta({
      description: "pairs [step, rate], the steps increasing from 0: the rate from that step on",
      unit: "steps; fractions of the base learning rate, or rates",
    }),
  absolute: z.boolean().default(false).meta({
    description: "true: learning rates as they are, whatever the base one; false: fractions of the base learning rate",
    unit: "",
  }),
});
type RecordedSpec = z.infer<typeof schema>;

/**
 * η(t) = η₀ rᵢ, or rᵢ if `absolute`,  i the last entry with stepᵢ ≤ t
 *
 * A replay control: the rates that a closed-loop rule chose in one training, on fresh seeds, where they react to nothing. What the
 * rule wins beyond its replay, it wins by reacting. Every rule scales from the base rate, and so does this one unless told otherwise.
 */
export const recorded: Rule<typeof schema> = {
  kind: "recorded",
  description: "Replays rates step by step, as given",
  source: "replay control; recordedSpec makes one from a trial's rates",
  parameters: parametersOf(schema.shape),
  example: {
    rates: [
      [0, 0.5],
      [20, 1],
      [60, 0.25],
      [90, 0.05],
    ],
  },
  schema,
  create({ rates, absolute }, { learningRate }) {
    const scale = absolute ? 1 : learningRate;
    return (t) => scale * (rates[lastBegun(rates, t)]?.[1] as number);
  },
  warnings: ({ absolute }, { learningRate }) =>
    absolute ? [`its rates are absolute: the base learning rate ${learningRate} changes nothing`] : [],
};

/** The index of the last entry whose step is not after `t`: a binary search, as there may be as many entries as steps. */
function lastBegun(rates: RecordedSpec["rates"], t: number): number {
  let low = 0;
  let high = rates.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((rates[middle]?.[0] as number) <= t) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The spec that replays a training: entry i of `rates` is the learning rate of step i, 0 or more, and equal rates in a row become one
 * entry. Throws InvalidArgument on no rates, on one out of range, and on more than 100,000 changes.
 */
export function recordedSpec(rates: readonly number[]): RecordedSpec {
  const runs = rates.flatMap((value, step): [number, number][] => (value === rates[step - 1] ? [] : [[step, value]]));
  const wrong = runs.find(([, value]) => !rate.safeParse(value).success);
  if (wrong !== undefined)
    throw new InvalidArgument(`the rate of step ${wrong[0]} must be from 0 to 1e6, got ${wrong[1]}`);
  if (runs.length === 0 || runs.length > mostEntries) {
    throw new InvalidArgument(
      `recorded rates must be 1 to ${mostEntries} entries, equal ones in a row joined, got ${runs.length}`,
    );
  }
  return { kind: "recorded", rates: runs, absolute: true };
}
