import { optimizerLabel } from "@stride/optimizers/spec";
import { taskLabel } from "@stride/tasks/spec";
import { noiseLabel } from "../noise.js";
import { senselessCombinations } from "./combinations.js";
import { applies, noisesOf, type Sweep } from "./grid.js";
import type { Issue } from "./issue.js";
import { nearest } from "./nearest.js";
import { limits } from "./schema.js";

/** What no single field shows: repetitions, a baseline that is not there, combinations without sense, sizes beyond the limits. Paths as in the file. */
export function check(sweep: Sweep): Issue[] {
  const tooMany = crowd(sweep);
  if (tooMany.length > 0) return tooMany;
  return [
    ...repetitions("tasks", sweep.tasks.map(taskLabel)),
    ...repetitions("optimizers", sweep.optimizers.map(optimizerLabel)),
    ...repeatedNames(sweep),
    ...repetitions("learningRates", sweep.learningRates.map(String)),
    ...repetitions("noise", noisesOf(sweep).map(noiseLabel)),
    ...unknownBaseline(sweep),
    ...aimlessMetric(sweep),
    ...narrowSearch(sweep),
    ...rareEvaluations(sweep),
    ...senselessCombinations(sweep),
    ...excess(sweep),
  ];
}

/** More combinations than a study may have trials, counted before anything goes through them one by one; `only` is left aside. */
function crowd({ tasks, optimizers, schedules }: Sweep): Issue[] {
  const combinations = tasks.length * optimizers.length * schedules.length;
  if (combinations <= limits.trials) return [];
  const got = `${combinations} (${tasks.length} tasks × ${optimizers.length} optimizers × ${schedules.length} schedules)`;
  return [{ path: [], message: `a study must have at most ${limits.trials} combinations, got ${got}` }];
}

/** An entry's first place and each later one of the same text. */
function repeated(texts: readonly string[]): { readonly index: number; readonly first: number }[] {
  const firsts = new Map<string, number>();
  return texts.flatMap((text, index) => {
    const first = firsts.get(text);
    if (first === undefined) firsts.set(text, index);
    return first === undefined ? [] : [{ index, first }];
  });
}

function repetitions(field: string, texts: readonly string[]): Issue[] {
  return repeated(texts).map(({ index, first }) => ({
    path: [field, index],
    message: `must differ from the others, got ${texts[index]} as in ${field}[${first}]`,
  }));
}

function repeatedNames({ schedules }: Sweep): Issue[] {
  return repeated(schedules.map(({ name }) => name)).map(({ index, first }) => ({
    path: ["schedules", index, "name"],
    message:
      `must differ from the others, got ${JSON.stringify(schedules[index]?.name)} as in schedules[${first}] ` +
      "(left out, it is the schedule's kind)",
  }));
}

function unknownBaseline({ schedules, analysis: { baseline } }: Sweep): Issue[] {
  const names = schedules.map(({ name }) => name);
  if (names.includes(baseline)) return [];
  const meant = nearest(baseline, names);
  const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
  return [
    {
      path: ["analysis", "baseline"],
      message: `must be the name of a schedule (${names.join(", ")}), got ${JSON.stringify(baseline)}${hint}`,
    },
  ];
}

/** Rates have six digits: in a narrow range there are not enough of them that all draws could differ. */
function narrowSearch({ search, learningRates }: Sweep): Issue[] {
  if (search === undefined) return [];
  const { draws, learningRate: range } = search;
  const rates = (range.to - range.from) / (1e-5 * range.to);
  if (rates >= 2 * (draws + learningRates.length)) return [];
  const message = `must be wider for ${draws} draw${draws === 1 ? "" : "s"}, got ${range.from} to ${range.to} (left out, it is the ends of learningRates)`;
  return [{ path: ["search", "learningRate"], message }];
}

function aimlessMetric({ analysis: { metric, target }, seeds }: Sweep): Issue[] {
  const path = ["analysis", "target"];
  if (target === "baseline" && seeds.tuning === 0) {
    return [{ path, message: 'can be "baseline" only where there are tuning seeds' }];
  }
  if (target !== undefined || (metric !== "stepsToTarget" && metric !== "passesToTarget")) return [];
  return [{ path: ["analysis", "metric"], message: `${metric} needs a target: a loss, or "baseline"` }];
}

function rareEvaluations({ steps, evaluate: { every } }: Sweep): Issue[] {
  if (every <= steps) return [];
  return [{ path: ["evaluate", "every"], message: `must be at most steps, which is ${steps}, got ${every}` }];
}

function excess(sweep: Sweep): Issue[] {
  const { tasks, optimizers, schedules, learningRates, seeds, steps, search } = sweep;
  const noises = noisesOf(sweep).length;
  const problems = tasks.flatMap((task) => optimizers.map((optimizer) => ({ task, optimizer })));
  const combined = schedules.reduce(
    (sum, named) => sum + problems.filter((each) => applies(sweep, named, each)).length,
    0,
  );
  const settings = learningRates.length + (search?.draws ?? 0);
  const trials = combined * noises * settings * (seeds.tuning + seeds.report);
  const factors = [
    [tasks.length, "task"],
    [optimizers.length, "optimizer"],
    [schedules.length, "schedule"],
    [learningRates.length, "learning rate"],
    ...(search === undefined ? [] : [[search.draws, "draw"] as const]),
    ...(noises === 1 ? [] : [[noises, "noise"] as const]),
    [seeds.tuning + seeds.report, "seed"],
  ] as const;
  const sum = factors.map(([factor, name]) => `${factor} ${name}${factor === 1 ? "" : "s"}`).join(" × ");
  if (trials > limits.trials) {
    return [{ path: [], message: `a study must have at most ${limits.trials} trials, got ${trials} (${sum})` }];
  }
  if (trials * steps > limits.stepsOfAllTrials) {
    const got = `${trials * steps} (${trials} trials × ${steps} steps)`;
    return [{ path: ["steps"], message: `of all trials must be at most ${limits.stepsOfAllTrials}, got ${got}` }];
  }
  return [];
}
