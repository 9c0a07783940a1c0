import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createSteeredOptimizer } from "../../create-optimizer.js";
import type { LineSearch, LineSearchTrial } from "../../optimizer.js";
import { optimizerSpecSchema } from "../../spec.js";
import { gradientRuleSpecSchema, refusal } from "../spec.js";

interface Problem {
  readonly start: readonly number[];
  readonly target: readonly number[];
  readonly curvatures: readonly number[];
  /** `[T][n]`. */
  readonly noise: readonly (readonly number[])[];
}

/** What fixtures/line_search.py writes of the authors' code. */
interface AuthorsDescent {
  readonly rule: { readonly kind: string };
  readonly learningRate: number;
  readonly batchesPerEpoch: number;
  /** `[T][n]`. */
  readonly positions: readonly (readonly number[])[];
  readonly rates: readonly number[];
  readonly tries: readonly number[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/${name}.json`, import.meta.url), "utf8"));
const problem = read("authors") as Problem;
const { cases } = read("line-search") as { readonly cases: readonly AuthorsDescent[] };

const sgd = optimizerSpecSchema.parse({ kind: "sgd" });

function searchOf(options: object, batchesPerEpoch = 1): LineSearch {
  const rule = gradientRuleSpecSchema.parse({ kind: "line-search", ...options });
  return createSteeredOptimizer({ optimizer: sgd, rule, batchesPerEpoch }).search as LineSearch;
}

/** A first try at rate 1 from f = 2 with ‖g‖² = 4, where c = ¼ asks for a loss of at most 1. */
const first: LineSearchTrial = { rate: 1, triesBefore: 0, loss: 2, lossAtRate: 1, promised: 4, squaredNorm: 4 };

it.each([
  { what: "exactly what is asked for", given: {}, verdict: { kind: "take", rate: 1 } },
  { what: "more", given: { lossAtRate: -3 }, verdict: { kind: "take", rate: 1 } },
  { what: "the least bit less", given: { lossAtRate: 1 + 2 ** -52 }, verdict: { kind: "try", rate: 0.5 } },
  { what: "no loss that is a number", given: { lossAtRate: Number.NaN }, verdict: { kind: "try", rate: 0.5 } },
  {
    what: "enough for a way that a projection cut short",
    given: { lossAtRate: 1.5, promised: 2 },
    verdict: { kind: "take", rate: 1 },
  },
  {
    what: "too little, on the last try but one",
    given: { lossAtRate: 9, triesBefore: 1 },
    verdict: { kind: "try", rate: 0.5 },
  },
  {
    what: "too little, on the last try",
    given: { lossAtRate: 9, triesBefore: 2 },
    verdict: { kind: "take", rate: 0.001, goesOnFrom: 1 },
  },
  { what: "enough, on the last try", given: { triesBefore: 2 }, verdict: { kind: "take", rate: 1 } },
  {
    what: "anything, where there is no gradient",
    given: { lossAtRate: 9, squaredNorm: 0.9e-16 },
    verdict: { kind: "take", rate: 1 },
  },
  {
    what: "too little, where there is just a gradient",
    given: { lossAtRate: 9, squaredNorm: 1.1e-16 },
    verdict: { kind: "try", rate: 0.5 },
  },
])("when a rate brings $what: $verdict.kind $verdict.rate", ({ given, verdict }) => {
  const search = searchOf({ c: 0.25, shrink: 0.5, tries: 3, fallback: 0.001 });
  expect(search.judge({ ...first, ...given })).toEqual(verdict);
});

it.each([
  { growth: 2, batchesPerEpoch: 1, expected: 0.2 },
  { growth: 16, batchesPerEpoch: 4, expected: 0.2 },
  { growth: 1, batchesPerEpoch: 7, expected: 0.1 },
])("first tries $expected after 0.1, at growth $growth in $batchesPerEpoch batches", (given) => {
  const search = searchOf({ growth: given.growth }, given.batchesPerEpoch);
  expect(search.propose(0.1, 5)).toBeCloseTo(given.expected, 12);
  expect(search.propose(undefined, 5)).toBe(5);
});

it("grows by the same factor in an epoch, however many batches that has", () => {
  const grown = [1, 3, 50].map((batches) => {
    const search = searchOf({ growth: 2.5 }, batches);
    return Array.from({ length: batches }).reduce((rate: number) => search.propose(rate, 9), 1);
  });
  for (const rate of grown) expect(rate).toBeCloseTo(2.5, 12);
});

interface Descent {
  readonly positions: number[][];
  readonly rates: number[];
  readonly tries: number[];
}

/** Descends ½ Σ c (x − target)² + ⟨noise, x⟩ as an executor would, in float64. */
function descend(search: LineSearch, learningRate: number, noises: Problem["noise"]): Descent {
  const { start, target, curvatures } = problem;
  const told: Descent = { positions: [], rates: [], tries: [] };
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  let x = [...start];
  for (const noise of noises) {
    const error = (at: readonly number[], i: number) => (at[i] as number) - (target[i] as number);
    const lossAt = (at: readonly number[]) =>
      sum(at.map((value, i) => ((curvatures[i] as number) * error(at, i) ** 2) / 2 + (noise[i] as number) * value));
    const gradient = x.map((_, i) => (curvatures[i] as number) * error(x, i) + (noise[i] as number));
    const moved = (rate: number) => x.map((value, i) => value - rate * (gradient[i] as number));
    const squaredNorm = sum(gradient.map((g) => g ** 2));
    let rate = search.propose(told.rates.at(-1), learningRate);
    for (let triesBefore = 0; ; triesBefore++) {
      const losses = { loss: lossAt(x), lossAtRate: lossAt(moved(rate)) };
      const verdict = search.judge({ rate, triesBefore, ...losses, promised: rate * squaredNorm, squaredNorm });
      rate = verdict.rate;
      if (verdict.kind === "take") {
        told.tries.push(triesBefore + 1);
        break;
      }
    }
    x = moved(rate);
    told.positions.push(x);
    told.rates.push(rate);
  }
  return told;
}

describe.each(cases)("$rule from $learningRate", ({ rule, learningRate, batchesPerEpoch, ...expected }) => {
  it("tries and takes the rates of the authors' code, and goes where it goes", () => {
    const told = descend(searchOf(rule, batchesPerEpoch), learningRate, problem.noise);
    expect(told.tries).toEqual(expected.tries);
    told.rates.forEach((rate, t) => {
      expect(Math.abs(rate / (expected.rates[t] as number) - 1)).toBeLessThan(1e-10);
    });
    told.positions.forEach((position, t) => {
      position.forEach((value, i) => {
        expect(value).toBeCloseTo(expected.positions[t]?.[i] as number, 9);
      });
    });
  });
});

it("takes at least the share of 2 (1 - c) / L that one shrinking leaves: L is 4 here", () => {
  const [c, shrink] = [0.1, 0.9];
  const { rates } = descend(searchOf({ c, shrink }), 10, problem.noise);
  expect(Math.min(...rates)).toBeGreaterThan((shrink * 2 * (1 - c)) / 4);
});

it("goes on from the last rate tried after a step in which nothing helped", () => {
  const search = searchOf({ growth: 3, tries: 4, fallback: 0.01 });
  // Where the loss rises along the gradient too, every rate is refused.
  const uphill = (rate: number, triesBefore: number) =>
    search.judge({ ...first, rate, triesBefore, lossAtRate: 2 + rate, promised: 4 * rate });
  let rate = search.propose(undefined, 1);
  const tried: number[] = [];
  for (let triesBefore = 0; triesBefore < 4; triesBefore++) {
    tried.push(rate);
    rate = uphill(rate, triesBefore).rate;
  }
  expect(tried.map((each) => each.toFixed(3))).toEqual(["1.000", "0.900", "0.810", "0.729"]);
  expect(rate).toBe(0.01);
  const last = uphill(0.729, 3);
  expect(last).toEqual({ kind: "take", rate: 0.01, goesOnFrom: 0.729 });
  expect(search.propose(0.729, 1)).toBeCloseTo(3 * 0.729, 12);
});

it("has no update of its own: an executor runs the search", () => {
  const optimizer = createSteeredOptimizer({
    optimizer: sgd,
    rule: gradientRuleSpecSchema.parse({ kind: "line-search" }),
    batchesPerEpoch: 1,
  });
  expect(optimizer).toMatchObject({ slots: [], trialSlots: [], choosesRates: true });
  expect(() => optimizer.update({} as never)).toThrow("a line search is run by its executor, try by try");
});

it.each([
  { optimizer: { kind: "sgd" }, reason: undefined },
  { optimizer: { kind: "adam" }, reason: "line-search steers plain sgd, not adam" },
  { optimizer: { kind: "adamw" }, reason: "line-search steers plain sgd, not adamw" },
  { optimizer: { kind: "sgd", momentum: 0.9 }, reason: "line-search steers sgd without momentum, not with 0.9" },
  { optimizer: { kind: "sgd", weightDecay: 0.1 }, reason: "line-search steers sgd without weight decay, not with 0.1" },
])("of $optimizer: $reason", ({ optimizer, reason }) => {
  const rule = gradientRuleSpecSchema.parse({ kind: "line-search" });
  expect(refusal(rule, optimizerSpecSchema.parse(optimizer))).toBe(reason);
});
