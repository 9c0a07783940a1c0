import { expect, it } from "vitest";
import { checkScheduleModule, type ScheduleModule } from "./check-schedule-module.js";
import { ModuleRefused } from "./module-refused.js";

function check(source: string, fields: Partial<ScheduleModule["spec"]> = {}): Promise<void> {
  const spec = { kind: "module", path: "mine.mjs", watches: "nothing", every: 1, options: {}, ...fields } as const;
  return checkScheduleModule({ spec, source, learningRates: [0.01, 1, 0.1], steps: 60, evaluateEvery: 7 });
}

const train = { watches: "train" } as const;
/** A scheduler that sees, by its fields. */
const scheduler = (fields: string, before = "") => `${before}
export default (options, { learningRate }) => ({
  init: () => ({ rate: learningRate, seen: 0 }),
  update: (state, { trainingLoss }) => ({ seen: state.seen + 1, rate: trainingLoss > 1 ? state.rate / 2 : state.rate }),
  learningRate: ({ rate }) => rate,
  ${fields}
});`;

it.each([
  {
    what: "a function of the step",
    source: "export default (_, { learningRate, steps }) => (step) => learningRate * (1 - step / steps);",
  },
  { what: "its options", source: "export default ({ floor }) => () => floor;", fields: { options: { floor: 0 } } },
  { what: "a scheduler", source: scheduler(""), fields: train },
  {
    what: "one that looks at every second evaluation",
    source: scheduler(
      "update: (state, { step, evaluation }) => { if (evaluation.step !== step + 1) return state; const seen = state.seen + 1; return { seen, rate: seen % 2 ? state.rate : state.rate * 0.9 }; },",
    ),
    fields: { watches: "evaluation", every: 2 } as const,
  },
])("takes $what", async ({ source, fields = {} }) => {
  await expect(check(source, fields)).resolves.toBeUndefined();
});

it.each([
  { what: "that cannot be read", source: "export default (", says: /^is not JavaScript: / },
  {
    what: "that is no function",
    source: "export default 0.1;",
    says: /^the default export must be a function \(options, \{ learningRate, steps \}\) => schedule$/,
  },
  {
    what: "that throws",
    source: "export default () => {\n  throw new Error('no');\n};",
    says: /^it throws: no \(line 2\)$/,
  },
  {
    what: "that gives a number",
    source: "export default () => 0.1;",
    says: /^the default export must return a function of the step, or/,
  },
  {
    what: "below zero at the last step",
    source: "export default () => (step) => (step < 60 ? 0.1 : -0.1);",
    says: /^a learning rate must be a finite number, 0 or more: at step 60 it is -0.1$/,
  },
  {
    what: "that overflows at a high base rate",
    source:
      "export default (_, { learningRate }) => (step) => learningRate ** (step * 1e4) * (learningRate === 1 ? Infinity : 1);",
    says: /^a learning rate must be a finite number, 0 or more: at step 0 it is Infinity$/,
  },
  {
    what: "with a scheduler that watches nothing",
    source: scheduler(""),
    says: /^the default export must return a function of the step, as it watches nothing$/,
  },
  {
    what: "that remembers",
    source: "let calls = 0; export default () => () => ++calls;",
    says: /^its rates must follow from what it sees alone, and are others in a second run$/,
  },
  {
    what: "that moves too often",
    source: scheduler(""),
    fields: { ...train, every: 3 },
    says: /^its rate moves from [\d.e-]+ to [\d.e-]+ after step \d+, and its spec says that it moves after every 3 steps only$/,
  },
  {
    what: "that moves between evaluations",
    source: scheduler(""),
    fields: { watches: "evaluation" } as const,
    says: /says that it moves after every evaluation only$/,
  },
  {
    what: "whose state is no JSON",
    source: scheduler(
      "init: () => ({ rate: learningRate, seen: 0, best: Infinity }), update: (state) => ({ ...state }),",
    ),
    fields: train,
    says: /^a state must be plain JSON .*, and is not after step 0$/,
  },
  {
    what: "that changes its state in place",
    source: scheduler("update: (state) => { state.seen += 1; return state; },"),
    fields: train,
    says: /^update\(\) must return another state and leave the one it got alone, and changes it at step 0$/,
  },
])("refuses one $what", async ({ source, fields = {}, says }) => {
  const failure: unknown = await check(source, fields).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ModuleRefused);
  expect((failure as Error).message).toMatch(says);
});
