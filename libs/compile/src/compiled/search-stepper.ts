import type { LineSearch } from "@stride/optimizers";
import type * as ort from "onnxruntime-node";
import type { ProgramOptions } from "../executor.js";
import { type Input, input } from "../graph/node.js";
import { graphModel } from "../onnx/model.js";
import { heldTo, searchRates } from "../search-rates.js";
import { measured, movedAgainst, tried } from "../search-step.js";
import { simplify } from "../simplify/simplify.js";
import { trace } from "../trace/trace.js";
import { type Stepper, stepFeeds } from "./advance.js";
import { only, type Tensors } from "./data-tensors.js";
import { openSession, type SessionSettings } from "./session.js";
import { float32, type State } from "./state.js";
import { programInputs, stepData } from "./step-graph.js";

/**
 * Steps whose rates are searched for: one run for the loss and the gradient, one for each try of the whole cohort, one for the
 * update. What a search remembers of the step before it keeps for each state.
 */
export async function searchStepper(
  options: ProgramOptions,
  settings: SessionSettings,
  search: LineSearch,
): Promise<Stepper> {
  const { cohortSize } = options;
  const clips = options.watch?.stability?.clip === true;
  const models = searchGraphs(options);
  const sessions = await Promise.all(
    [models.measure, models.attempt, models.move].map((graph) => openSession(graphModel(graph), settings)),
  );
  const [measure, attempt, move] = sessions as [ort.InferenceSession, ort.InferenceSession, ort.InferenceSession];
  const dataOf = stepFeeds(options);
  const taken = new WeakMap<State, readonly (number | undefined)[]>();
  const parameterNames = models.parameters.map(({ name }) => name);
  return {
    async advance(state, segment) {
      const { steps, firstStep, learningRates } = segment;
      const size = steps * cohortSize;
      const [losses, noisyLosses, mean, extraPasses] = [
        new Float32Array(size),
        new Float32Array(size),
        new Float32Array(size),
        new Int32Array(size),
      ];
      const watchedArrays = Object.fromEntries(models.watched.map((name) => [name, new Float32Array(size)]));
      const feedsOf = dataOf(segment);
      let previous = firstStep === 0 ? undefined : taken.get(state);
      for (let t = 0; t < steps; t++) {
        const parameters = state.current().map((tensor, i) => [parameterNames[i] as string, tensor] as const);
        const feeds = { ...feedsOf(t), ...Object.fromEntries(parameters) };
        const begun = await measure.run(only(feeds, measure.inputNames));
        const withGradients: Tensors = { ...feeds, ...begun };
        const values = (name: string) => begun[name]?.data as Float32Array;
        const at = t * cohortSize;
        for (const [name, all] of Object.entries(watchedArrays)) all.set(values(name), at);
        const given = learningRates.subarray(at, at + cohortSize);
        const found = await searchRates({
          search,
          previous: previous ?? Array.from({ length: cohortSize }, () => undefined),
          learningRates: clips ? heldTo(given, values("bounds")) : given,
          losses: values("minimised"),
          squaredNorms: values("squaredNorms"),
          async try(rates) {
            const given = { ...withGradients, rates: float32(rates, [cohortSize]) };
            const read = await attempt.run(only(given, attempt.inputNames));
            return { losses: read.losses?.data as Float32Array, promised: read.promised?.data as Float32Array };
          },
        });
        const next = Object.fromEntries(state.next().map((tensor, i) => [`next${i}`, tensor]));
        const moving = { ...withGradients, rates: float32(found.rates, [cohortSize]) };
        await move.run(only(moving, move.inputNames), next);
        state.advance();
        previous = found.goOnFrom;
        losses.set(values("losses"), at);
        noisyLosses.set(values("minimised"), at);
        mean.set(found.rates, at);
        extraPasses.set(found.tries, at);
      }
      if (previous !== undefined) taken.set(state, previous);
      const noisy = models.hasNoisyLosses ? { noisyLosses } : {};
      return { losses, ...noisy, rates: { mean, lowest: mean, highest: mean }, extraPasses, ...watchedArrays };
    },
    async release() {
      for (const session of sessions) await session.release();
    },
  };
}

function searchGraphs(options: ProgramOptions) {
  const inputs = programInputs(options);
  const gradients: Input[] = inputs.parameters.map(({ shape }, i) => input(`gradient${i}`, "float32", shape));
  const rates = input("rates", "float32", [options.cohortSize]);
  const dataAt = stepData(options, inputs, "before");
  const numbered = <Value>(name: string, values: readonly Value[]) =>
    Object.fromEntries(values.map((value, i) => [`${name}${i}`, value]));
  let hasNoisyLosses = false;
  let watched: readonly string[] = [];
  const measure = trace((symbol) => {
    const { losses, minimised, noisyLosses, squaredNorms, gradients, told } = measured(
      options,
      inputs.parameters.map(symbol),
      dataAt(symbol),
    );
    hasNoisyLosses = noisyLosses !== undefined;
    watched = Object.keys(told);
    return { losses, minimised, squaredNorms, ...numbered("gradient", gradients), ...told };
  });
  const attempt = trace((symbol) =>
    tried(options, inputs.parameters.map(symbol), gradients.map(symbol), {
      rates: symbol(rates),
      data: dataAt(symbol),
    }),
  );
  const move = trace((symbol) =>
    numbered("next", movedAgainst(options, inputs.parameters.map(symbol), gradients.map(symbol), symbol(rates))),
  );
  return {
    parameters: inputs.parameters,
    hasNoisyLosses,
    watched,
    measure: simplify(measure),
    attempt: simplify(attempt),
    move: simplify(move),
  };
}
