import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScheduler } from "../src/create.js";
import type { Json, Observation, Scheduler } from "../src/schedule.js";
import { decisions, describeSchedule, scheduleSpecSchema } from "../src/spec.js";
import { specOf } from "./reference.js";

export interface BehaviourCase {
  /** As in a sweep file. */
  readonly spec: unknown;
  readonly learningRate: number;
  readonly steps: number;
  /** The rate at step 0. */
  readonly first: number;
  /** No rate may leave this range, ends included. */
  readonly least: number;
  readonly most: number;
  /** Default exports of the modules that the spec names. */
  readonly modules?: ReadonlyMap<string, unknown>;
}

/** What every rule owes whoever trains by it. */
export function behavesAsScheduler(behaviour: BehaviourCase): void {
  const { spec: given, learningRate, steps, first, least, most, modules = new Map<string, unknown>() } = behaviour;
  const spec = specOf(given);
  const start = () => createScheduler(spec, { learningRate, steps, modules });
  // Twice the horizon: a rule has a rate beyond its end, too.
  const trainings = observations(2 * steps);

  describe(describeSchedule(spec), () => {
    it(`begins at ${first}`, () => {
      const scheduler = start();
      expect(scheduler.learningRate(scheduler.init())).toBeCloseTo(first, 14);
    });

    it(`stays finite and from ${least} to ${most}, whatever it sees`, () => {
      fc.assert(
        fc.property(trainings, (training) => {
          const outside = ratesOf(start(), training).filter((rate) => !(rate >= least && rate <= most));
          expect(outside).toEqual([]);
        }),
        runs,
      );
    });

    it("goes on from its state as JSON as if nothing had happened", () => {
      fc.assert(
        fc.property(trainings, fc.nat({ max: 2 * steps }), (training, pause) => {
          const before = start();
          const state = stateAfter(before, training.slice(0, pause));
          const restored = JSON.parse(JSON.stringify(state)) as Json;
          expect(restored).toEqual(state);
          const rest = training.slice(pause);
          expect(ratesOf(start(), rest, restored)).toEqual(ratesOf(before, rest, state));
        }),
        runs,
      );
    });

    it("gives the same rates for the same observations, and leaves its states alone", () => {
      fc.assert(
        fc.property(trainings, (training) => {
          const scheduler = start();
          const expected = ratesOf(scheduler, training);
          const frozen = { ...scheduler, init: () => deepFreeze(scheduler.init()) };
          expect(
            ratesOf({ ...frozen, update: (state, seen) => deepFreeze(scheduler.update(state, seen)) }, training),
          ).toEqual(expected);
        }),
      );
    });

    it("moves only when it says it does", () => {
      const decided = decisions(spec);
      fc.assert(
        fc.property(trainings, trainings, (training, other) => {
          if (decided.kind === "open-loop") {
            expect(ratesOf(start(), training)).toEqual(ratesOf(start(), other));
            return;
          }
          const rates = ratesOf(start(), training);
          let evaluations = 0;
          for (const [step, { evaluation }] of training.entries()) {
            if (step < decided.warmupSteps) continue;
            const evaluated = evaluation?.step === step + 1;
            if (evaluated) evaluations++;
            const mayMove =
              decided.signal === "train"
                ? (step + 1) % decided.every === 0
                : evaluated && evaluations % decided.every === 0;
            if (!mayMove) expect(rates[step + 1]).toBe(rates[step]);
          }
        }),
        runs,
      );
    });

    it("parses again to the same spec, also from JSON", () => {
      expect(scheduleSpecSchema.parse(spec)).toEqual(spec);
      expect(specOf(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
    });
  });
}

const runs = { numRuns: 40 };

// Without −0, which JSON writes as 0; no rule tells them apart.
const losses = fc
  .oneof({ weight: 10, arbitrary: fc.double({ min: 0, max: 10, noNaN: true }) }, { weight: 1, arbitrary: fc.double() })
  .map((loss) => loss + 0);

/** A training as a rule sees it: an evaluation now and then, at any loss, finite or not. */
function observations(steps: number): fc.Arbitrary<Observation[]> {
  const one = fc.record({ loss: losses, evaluated: fc.option(losses, { freq: 4 }) });
  return fc.array(one, { minLength: steps, maxLength: steps }).map((seen) => {
    let evaluation: Observation["evaluation"];
    return seen.map(({ loss, evaluated }, step) => {
      if (evaluated !== null) evaluation = { step: step + 1, loss: evaluated };
      return { step, trainingLoss: loss, ...(evaluation && { evaluation }) };
    });
  });
}

function stateAfter(scheduler: Scheduler, training: readonly Observation[]): Json {
  return training.reduce((state, seen) => scheduler.update(state, seen), scheduler.init());
}

/** The rates used at each step and the one after the last. */
function ratesOf(scheduler: Scheduler, training: readonly Observation[], from: Json = scheduler.init()): number[] {
  let state = from;
  const rates = [scheduler.learningRate(state)];
  for (const seen of training) {
    state = scheduler.update(state, seen);
    rates.push(scheduler.learningRate(state));
  }
  return rates;
}

function deepFreeze<Value extends Json>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    for (const each of Object.values(value)) deepFreeze(each as Json);
  }
  return value;
}
