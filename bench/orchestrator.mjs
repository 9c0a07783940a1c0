/** What the orchestrator itself costs a trial: planned, stored, delivered, reported and recorded by a worker that trains nothing. */
import { parseSweep, planCohorts, planTrials } from "@stride/experiment";
import { openResultStore } from "@stride/results";
import { entry } from "./harness/entry.mjs";
import { idleReport } from "./harness/idle-training.mjs";
import { runIdleStudy } from "./harness/laboratory.mjs";
import { startPostgres } from "./harness/postgres.mjs";
import { hasRedis, startRedis } from "./harness/redis.mjs";
import { withResources } from "./harness/resources.mjs";

const slots = 4;
const steps = 100;

/** Small networks train in wide cohorts, large ones alone: the most and the least that a cohort's cost is shared. */
const tasks = {
  small: [{ kind: "quadratic" }, { kind: "quadratic", conditionNumber: 1000 }],
  large: [
    { kind: "mlp", data: "mnist", hidden: [512, 512] },
    { kind: "mlp", data: "mnist", hidden: [512, 256] },
  ],
};
const perSeed = 2 * 5 * 10;

export async function measure({ quick, report }) {
  const wide = { tasks: tasks.small, seeds: quick ? 10 : 100, goal: { valueBelow: 2 } };
  const single = { tasks: tasks.large, seeds: quick ? 2 : 10 };
  await measureStudy({ ...wide, name: "wide cohorts, queue on Postgres", queue: "postgres", report });
  if (hasRedis()) await measureStudy({ ...wide, name: "wide cohorts, queue on Redis", queue: "redis", report });
  else process.stderr.write("redis-server is not on PATH: the queue is measured on Postgres alone\n");
  await measureStudy({ ...single, name: "cohorts of one trial, queue on Postgres", queue: "postgres", report });
}

async function measureStudy({ tasks, seeds, goal, name, queue, report }) {
  await withResources(async (use) => {
    const { url } = await use(startPostgres());
    const store = await use(openResultStore({ url }));
    const queueUrl = queue === "redis" ? (await use(startRedis())).url : url;
    // The first study pays for what is done once a process: connections, prepared statements, compiled code.
    await direct(store, sweepOf({ study: "warm-up", tasks, seeds: 1 }));
    const floor = await direct(store, sweepOf({ study: "direct", tasks, seeds }));
    const study = await runIdleStudy({
      store,
      queueUrl,
      study: "measured",
      source: sweepOf({ study: "measured", tasks, seeds }),
      slots,
      use,
    });
    if (study.trials !== seeds * perSeed) throw new Error(`planned ${study.trials} trials, not ${seeds * perSeed}`);
    report(
      entry({
        name,
        measures:
          `${study.trials} trials of ${steps} points each through a real queue and gRPC to one worker of ${slots} slots whose trainer does ` +
          "nothing, against the same calls made on the store directly",
        value: study.totalMs / study.trials,
        unit: "ms a trial",
        baseline: { name: "store alone", value: floor / study.trials },
        ...(goal === undefined ? {} : { goal }),
        details: {
          trials: study.trials,
          cohorts: study.cohorts,
          "trials a cohort": study.trials / study.cohorts,
          "ms a cohort": study.totalMs / study.cohorts,
          "plan and submit, ms a trial": study.planAndSubmitMs / study.trials,
          "deliver and record, ms a trial": study.deliverAndRecordMs / study.trials,
          "coordinator's peak memory, MB": study.coordinatorBytes / 1e6,
          "worker's peak memory, MB": study.workerBytes / 1e6,
        },
      }),
    );
  });
}

/** Plans and stores the study and records its cohorts, `slots` at a time, without queue or gRPC; returns the milliseconds. */
async function direct(store, source) {
  const start = performance.now();
  const sweep = parseSweep(source);
  const cohorts = planCohorts(sweep.study, planTrials(sweep));
  await store.submitStudy({ name: sweep.study, source, sweep, cohorts });
  const left = cohorts.values();
  await Promise.all(
    Array.from({ length: slots }, async () => {
      for (const cohort of left) await record(store, cohort);
    }),
  );
  return performance.now() - start;
}

async function record(store, cohort) {
  const { cohortId } = cohort;
  const { token } = await store.startAttempt({ cohortId, workerId: "direct", executor: "none" });
  const { results, ...report } = idleReport(cohort);
  await store.report({ cohortId, token, ...report });
  const answer = await store.finishAttempt({ cohortId, token, results });
  if (answer.kind !== "continue") throw new Error(`a cohort was answered ${answer.kind}`);
}

/** 100 trials a seed. JSON is YAML. */
function sweepOf({ study, tasks, seeds }) {
  return JSON.stringify({
    study,
    tasks,
    optimizers: [{ kind: "sgd", momentum: 0.9 }],
    schedules: [
      { kind: "constant" },
      { kind: "cosine" },
      { kind: "linear" },
      { kind: "exponential", factor: 0.99 },
      { kind: "greedy" },
    ],
    learningRates: { logGrid: { from: 0.001, to: 1, points: 10 } },
    seeds: { tuning: 0, report: seeds },
    steps,
    evaluate: { every: 50 },
  });
}
