import { isDeepStrictEqual } from "node:util";
import { moduleHash } from "@stride/experiment";
import { randomStream } from "@stride/random";
import { createScheduler, type Json, type Observation } from "@stride/schedules";
import { type Decisions, decisions, type ScheduleSpec } from "@stride/schedules/spec";
import { loadModules } from "@stride/tasks";
import { ModuleRefused, refusalOf } from "./module-refused.js";

export interface ScheduleModule {
  readonly spec: Omit<Extract<ScheduleSpec, { readonly kind: "module" }>, "sha256">;
  /** The module's text. */
  readonly source: string;
  /** Base rates, at least one. */
  readonly learningRates: readonly number[];
  readonly steps: number;
  readonly evaluateEvery: number;
}

/** Steps of a replay: of a longer trial its beginning is looked at. */
const mostSteps = 5_000;

/**
 * Starts the schedule of a user's module and replays it on made-up losses that fall, rise and jump: its rates are finite and not negative,
 * follow from the losses alone, and move when its spec says that they may; its states are plain JSON. Throws `ModuleRefused`.
 */
export async function checkScheduleModule(given: ScheduleModule): Promise<void> {
  const sha256 = moduleHash(given.source);
  const spec = { ...given.spec, sha256 };
  const decided = decisions(spec);
  try {
    const modules = await loadModules({ [sha256]: given.source });
    for (const learningRate of new Set([Math.min(...given.learningRates), Math.max(...given.learningRates)])) {
      const start = () => createScheduler(spec, { learningRate, steps: given.steps, modules });
      const replays = trainings(given).map((seen) => {
        const rates = replay(start(), seen, decided);
        if (!isDeepStrictEqual(replay(start(), seen, decided), rates)) {
          throw new ModuleRefused("its rates must follow from what it sees alone, and are others in a second run");
        }
        return rates;
      });
      if (decided.kind === "open-loop" && replays.some((rates) => !isDeepStrictEqual(rates, replays[0]))) {
        throw new ModuleRefused("its rates must be a function of the step, as it watches nothing");
      }
    }
  } catch (error) {
    throw refusalOf(error, "it");
  }
}

/** The rates of all steps and of the one after the last. */
function replay(
  scheduler: ReturnType<typeof createScheduler>,
  training: readonly Observation[],
  decided: Decisions,
): number[] {
  let state = scheduler.init();
  const rates = [scheduler.learningRate(state)];
  let evaluations = 0;
  for (const seen of training) {
    const before = JSON.stringify(state);
    const next = scheduler.update(state, seen);
    if (JSON.stringify(state) !== before) {
      throw new ModuleRefused(
        `update() must return another state and leave the one it got alone, and changes it at step ${seen.step}`,
      );
    }
    state = requireJson(next, seen.step);
    const rate = scheduler.learningRate(state);
    const last = rates.at(-1) as number;
    const evaluated = seen.evaluation?.step === seen.step + 1;
    if (evaluated) evaluations++;
    if (rate !== last && !mayMove(decided, { step: seen.step, evaluated, evaluations })) {
      throw new ModuleRefused(
        `its rate moves from ${last} to ${rate} after step ${seen.step}, and its spec says that it moves ${timesOf(decided)}`,
      );
    }
    rates.push(rate);
  }
  return rates;
}

interface Moment {
  readonly step: number;
  readonly evaluated: boolean;
  /** Evaluations so far. */
  readonly evaluations: number;
}

function mayMove(decided: Decisions, { step, evaluated, evaluations }: Moment): boolean {
  if (decided.kind === "open-loop") return true;
  return decided.signal === "train" ? (step + 1) % decided.every === 0 : evaluated && evaluations % decided.every === 0;
}

function timesOf(decided: Decisions): string {
  if (decided.kind === "open-loop") return "with the step";
  const moments = decided.signal === "train" ? "step" : "evaluation";
  return `after every ${decided.every === 1 ? moments : `${decided.every} ${moments}s`} only`;
}

function requireJson(state: Json, step: number): Json {
  const text: string | undefined = JSON.stringify(state);
  const restored: unknown = text === undefined ? undefined : JSON.parse(text);
  if (text !== undefined && isDeepStrictEqual(restored, state)) return restored as Json;
  throw new ModuleRefused(
    `a state must be plain JSON (no Infinity, no NaN, nothing undefined, no classes), and is not after step ${step}`,
  );
}

/** Trainings as a rule may see them: losses that fall with noise, rise, and jump about. */
function trainings({ steps, evaluateEvery }: ScheduleModule): Observation[][] {
  const length = Math.min(steps, mostSteps);
  const noise = randomStream({ seed: 0, purpose: "module-check" }).uniforms(0, length + 1);
  const curves: ((step: number) => number)[] = [
    (step) => Math.exp((-3 * step) / length) * (0.9 + 0.2 * (noise[step] as number)),
    (step) => 1 + step / length,
    (step) => 10 ** (4 * (noise[step] as number) - 2),
  ];
  return curves.map((curve) => {
    let evaluation: Observation["evaluation"] = { step: 0, loss: curve(0) };
    return Array.from({ length }, (_, step): Observation => {
      if ((step + 1) % evaluateEvery === 0 || step + 1 === steps)
        evaluation = { step: step + 1, loss: curve(step + 1) };
      return { step, trainingLoss: curve(step), ...(evaluation && { evaluation }) };
    });
  });
}
