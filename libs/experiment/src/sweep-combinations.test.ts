import { expect, it } from "vitest";
import { good, messagesOf, rates, schedule, tasks } from "../test/broken-sweeps.js";

/** One schedule on a factorisation, with optimizers. */
const nmf = (entry: string, optimizers = "[{ kind: sgd }]") =>
  [
    "{ kind: quadratic }\nschedules:\n  - { kind: constant }",
    `{ kind: nmf, data: synthetic }\noptimizers: ${optimizers}\nschedules:\n  - ${entry}`,
  ] as const;

/** What no field shows by itself. */
it.each([
  // Rules between fields
  [
    "a batch above its data",
    tasks("{ kind: mlp, data: mnist, hidden: [8], batch: 300, trainingSize: 100 }"),
    "3:51 tasks[0].batch must not exceed trainingSize, got 300",
  ],
  [
    "a matrix too large",
    tasks("{ kind: nmf, data: synthetic, columns: 100000, rows: 1000000 }"),
    "3:58 tasks[0].rows is refused: (rows + evaluationRows) × columns must not exceed 50000000",
  ],
  [
    "milestones that fall",
    schedule("{ kind: multi-step, milestones: [3, 2] }"),
    "5:37 schedules[0].milestones must increase, got a list of 2 entries",
  ],
  [
    "a rare evaluation",
    ["steps: 100", "steps: 100\nevaluate: { every: 200 }"],
    "9:20 evaluate.every must be at most steps, which is 100, got 200",
  ],
  [
    "an unknown baseline",
    ["steps: 100", "steps: 100\nanalysis: { baseline: consant }"],
    '9:23 analysis.baseline must be the name of a schedule (constant), got "consant" (did you mean constant?)',
  ],
  [
    "noise",
    ["steps: 100", "steps: 100\nnoise: gaussian"],
    '9:8 noise must be none or a list like [none, { kind: gradient, strength: 0.1 }], got "gaussian"',
  ],
  // Repetitions
  [
    "a rate twice",
    rates("[0.1, 0.10]"),
    "6:22 learningRates[1] must differ from the others, got 0.1 as in learningRates[0]",
  ],
  [
    "a task twice",
    tasks("{ kind: quadratic }\n  - { kind: quadratic, dimension: 20 }"),
    "4:5 tasks[1] must differ from the others, got quadratic-20 as in tasks[0]",
  ],
  [
    "an optimizer twice",
    ["steps: 100", "steps: 100\noptimizers: [{ kind: sgd }, { kind: sgd, momentum: 0 }]"],
    "9:29 optimizers[1] must differ from the others, got sgd as in optimizers[0]",
  ],
  [
    "a name twice",
    schedule("{ kind: constant }\n  - { name: constant, kind: cosine }"),
    '6:13 schedules[1].name must differ from the others, got "constant" as in schedules[0] (left out, it is the schedule\'s kind)',
  ],
  // Sizes
  [
    "too many trials",
    [
      "learningRates: [0.1]\nseeds: { tuning: 1, report: 2 }",
      "learningRates: [1, 2, 3]\nseeds: { tuning: 0, report: 100000 }",
    ],
    "1:1 a study must have at most 200000 trials, got 300000 (1 task × 1 optimizer × 1 schedule × 3 learning rates × 100000 seeds)",
  ],
  [
    "too many steps in all",
    ["seeds: { tuning: 1, report: 2 }\nsteps: 100", "seeds: { tuning: 0, report: 2000 }\nsteps: 10000000"],
    "8:8 steps of all trials must be at most 10000000000, got 20000000000 (2000 trials × 10000000 steps)",
  ],
  // Noise
  [
    "an unknown noise",
    ["steps: 100", "steps: 100\nnoise: [none, { kind: lables, strength: 0.1 }]"],
    '9:23 noise[1].kind must be one of gradient, labels, inputs, observed-loss, got "lables" (did you mean labels?)',
  ],
  [
    "a noise without a strength",
    ["steps: 100", "steps: 100\nnoise: [{ kind: gradient }]"],
    "9:9 noise[0].strength is missing: it must be a number above 0 and at most 1000000",
  ],
  [
    "a noise twice",
    [
      "steps: 100",
      "steps: 100\nnoise: [{ kind: gradient, strength: 1 }, { kind: gradient, strength: 1, shape: gaussian }]",
    ],
    "9:42 noise[1] must differ from the others, got gradient-gaussian-1 as in noise[0]",
  ],
  [
    "a noise that finds nothing to act on",
    ["steps: 100", "steps: 100\nnoise: [{ kind: labels, strength: 0.1 }]"],
    "9:9 noise[0] labels-0.1 finds no labels on quadratic-20: put these tasks into another sweep",
  ],
  // Combinations
  [
    "a rule that cannot steer an optimizer",
    ["  - { kind: constant }", "  - { kind: prodigy }\noptimizers: [{ kind: sgd }, { kind: adam }]"],
    "5:5 schedules[0] cannot be combined with sgd: prodigy steers adam and adamw, not sgd; keep it to others with only: { optimizers: [adam] }",
  ],
  [
    "a schedule kept to what is not there",
    schedule("{ kind: constant, only: { optimizers: [adam] } }"),
    '5:44 schedules[0].only.optimizers[0] must be one of sgd, sgd-momentum0.9, got "adam"',
  ],
  [
    "a replay of what does not watch",
    schedule("{ kind: replay, schedule: { kind: cosine } }"),
    "5:31 schedules[0].schedule must watch the training: the rates of any other schedule are the same in every run, got a mapping",
  ],
  [
    "a time to no target",
    ["steps: 100", "steps: 100\nanalysis: { metric: stepsToTarget }"],
    '9:21 analysis.metric stepsToTarget needs a target: a loss, or "baseline"',
  ],
  [
    "a target of another kind",
    ["steps: 100", "steps: 100\nanalysis: { metric: stepsToTarget, target: constant }"],
    '9:44 analysis.target must be a loss or baseline, got "constant"',
  ],
  // Random search
  [
    "a search over one rate",
    ["steps: 100", "steps: 100\nsearch: { draws: 1 }"],
    "9:9 search.learningRate must be wider for 1 draw, got 0.1 to 0.1 (left out, it is the ends of learningRates)",
  ],
  [
    "ranges without a search",
    schedule("{ kind: greedy, search: { patience: { from: 1, to: 9, whole: true } } }"),
    "5:29 schedules[0].search needs search: { draws: … } beside the schedules",
  ],
  [
    "a range of a parameter that is not there",
    [
      "  - { kind: constant }",
      "  - { kind: greedy, search: { patients: { from: 1, to: 9 } } }\nsearch: { draws: 3, learningRate: { from: 0.1, to: 1 } }",
    ],
    "5:41 schedules[0].search.patients must be what greedy takes: greedy has no patients",
  ],
  [
    "a range whose end is too far",
    [
      "  - { kind: constant }",
      "  - { kind: greedy, search: { factor: { from: 0.5, to: 2 } } }\nsearch: { draws: 3, learningRate: { from: 0.1, to: 1 } }",
    ],
    "5:39 schedules[0].search.factor must be what greedy takes: 2: Too big: expected number to be <1",
  ],
  // Stability
  [
    "a bound on a task without one",
    ["  - { kind: constant }", "  - { kind: constant, clip: stability }\noptimizers: [{ kind: sgd }]"],
    "5:5 schedules[0] has no stability bound on quadratic-20: tasks of kind nmf alone have one; name others among tasks, or leave it out here",
  ],
  [
    "a bound on one task of several without one",
    [
      "quadratic }\nschedules:\n  - { kind: constant }",
      "quadratic }\n  - { kind: nmf, data: mnist }\noptimizers: [{ kind: sgd }]\nschedules:\n  - { kind: constant, stability: {} }",
    ],
    "7:5 schedules[0] has no stability bound on quadratic-20: tasks of kind nmf alone have one; keep it to others with only: { tasks: [nmf-mnist-16] }",
  ],
  [
    "a bound beside momentum and weight decay",
    nmf(
      "{ kind: constant, clip: stability }",
      "[{ kind: sgd, momentum: 0.9 }, { kind: sgd, weightDecay: 0.1 }, { kind: adam }, { kind: sgd }]",
    ),
    "6:5 schedules[0] has no stability bound with sgd-momentum0.9, sgd-decay0.1, adam: it is that of sgd without momentum and weight decay; keep it to others with only: { optimizers: [sgd] }",
  ],
  [
    "a bound on the rates of a gradient rule",
    nmf("{ kind: polyak, stability: { start: true } }"),
    "6:5 schedules[0] cannot have a stability bound: polyak sets its rates from gradients; leave it out here",
  ],
  [
    "a clip on rates that are replayed",
    nmf("{ kind: replay, schedule: { kind: greedy }, clip: stability }"),
    "6:5 schedules[0] cannot be clipped to a stability bound or start at it: replay takes another run's rates, whatever happens; leave clip and start out here",
  ],
  [
    "a clip to something else",
    nmf("{ kind: constant, clip: stabilty }"),
    '6:29 schedules[0].clip must be stability, got "stabilty" (did you mean stability?)',
  ],
  [
    "a clip twice",
    nmf("{ kind: constant, clip: stability, stability: { fraction: 0.5 } }"),
    '6:29 schedules[0].clip must be left out beside stability: write stability: { clip: true, … }, got "stability"',
  ],
  [
    "a bound of another kind",
    nmf("{ kind: constant, stability: { bound: rays } }"),
    '6:43 schedules[0].stability.bound must be one of ray, block, got "rays" (did you mean ray?)',
  ],
  [
    "a fraction of nothing",
    nmf("{ kind: constant, stability: { fraction: 0 } }"),
    "6:46 schedules[0].stability.fraction must be a number above 0 and at most 1000, got 0",
  ],
  [
    "a bound that is no mapping",
    nmf("{ kind: constant, stability: clip }"),
    '6:34 schedules[0].stability must be a mapping like { bound: ray, fraction: 1, clip: true }, got "clip"',
  ],
  [
    "a key of the bound that is none",
    nmf("{ kind: constant, stability: { clips: true } }"),
    "6:36 schedules[0].stability.clips is no key here: did you mean clip?",
  ],
] as const)("refuses %s", (_, [from, to], message) => {
  expect(good).toContain(from);
  expect(messagesOf(good.replace(from, to))).toEqual([`x.yaml:${message}`]);
});
