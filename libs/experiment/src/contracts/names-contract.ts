import { scheduleSpecSchema } from "@stride/schedules/spec";
import { expect, it } from "vitest";
import type { Cohort, Trial } from "../domain.js";
import { InvalidArgument } from "../errors.js";
import { type Noise, noiseSchema } from "../noise.js";
import type { PlannedStudy, ResultStore } from "../ports.js";
import { stabilitySchema } from "../stability.js";
import { submitted } from "./start.js";

/** Trials are compared by names: what each may stand for. */
export function namesContract(open: () => Promise<ResultStore>): void {
  const otherGreedy = scheduleSpecSchema.parse({ kind: "greedy", patience: 5 });
  it.each<{ what: string; change: Partial<Trial>; says: string }>([
    { what: "another number of steps", change: { steps: 80 }, says: "with steps 40" },
    { what: "other steps under a new name", change: { steps: 80, scheduleName: "longer" }, says: "with steps 40" },
    { what: "other evaluations", change: { evaluateEvery: 20 }, says: "with evaluate.every 10" },
    {
      what: "another rule under a known name, at another rate",
      change: { scheduleName: "greedy", schedule: otherGreedy, learningRate: 0.5 },
      says: "with schedule greedy",
    },
    {
      what: "a known name's rule clipped to a stability bound, at another rate",
      change: { scheduleName: "greedy", stability: stabilitySchema.parse({ clip: true }), learningRate: 0.5 },
      says: "with schedule greedy",
    },
  ])("refuses, whole, what cannot be compared with a study's trials: $what", async ({ change, says }) => {
    await using store = await open();
    const { study, name, cohort } = await submitted(store);
    const [first] = cohort.trials as [Trial];
    const changed = { ...first, trialId: `${first.trialId}-changed`, seed: 7, ...change };
    const added = { ...cohort, cohortId: `${cohort.cohortId}-changed`, trials: [changed] };
    const submission = store.submitStudy({ ...study, sweep: { changed: true }, cohorts: [added] });
    await expect(submission).rejects.toThrow(InvalidArgument);
    await expect(submission).rejects.toThrow(says);
    expect(await store.study(name)).toMatchObject({ sweep: study.sweep, stepsPlanned: 80 });
  });

  const noise = noiseSchema.parse({ kind: "gradient", strength: 0.5 });
  /** The study's first trial, changed, in a cohort of its own. */
  const variant = ({ name, cohorts }: PlannedStudy, number: number, change: Partial<Trial>): Cohort => {
    const [first] = (cohorts[0] as Cohort).trials as [Trial];
    const trial = { ...first, trialId: `${first.trialId}-variant-${number}`, ...change };
    return { cohortId: `c-${name}-variant-${number}`, studyName: name, trials: [trial] };
  };

  it("takes a schedule's draws under its name, each with a spec of its own, and says which trials they are", async () => {
    await using store = await open();
    const { study, name } = await submitted(store);
    const draws = [5, 6].map((patience, number) =>
      variant(study, number, {
        schedule: scheduleSpecSchema.parse({ kind: "greedy", patience }),
        learningRate: 0.3 + number,
        drawn: true,
      }),
    );
    expect(await store.submitStudy({ ...study, cohorts: draws })).toEqual({ added: 2, existing: 0 });
    const rows = await store.trials(name);
    expect(rows.map(({ schedule, learningRate, drawn }) => [schedule, learningRate, drawn])).toEqual([
      ["greedy", 0.1 + 1e-7, false],
      ["cosine", 0.1 + 1e-7, false],
      ["greedy", 0.3, true],
      ["greedy", 1.3, true],
    ]);
  });

  it.each<{ what: string; change: Partial<Trial> }>([
    { what: "another draw", change: { learningRate: 0.3, drawn: true, schedule: otherGreedy } },
    { what: "a trial of the grid", change: { learningRate: 0.3 } },
  ])("refuses $what at the very rate of a draw", async ({ change }) => {
    await using store = await open();
    const { study, name } = await submitted(store);
    const draw = { learningRate: 0.3, drawn: true } as const;
    await store.submitStudy({ ...study, cohorts: [variant(study, 0, draw)] });
    const submission = store.submitStudy({ ...study, cohorts: [variant(study, 1, { seed: 7, ...change })] });
    await expect(submission).rejects.toThrow("with schedule greedy at rate 0.3 on ");
    expect(await store.trials(name)).toHaveLength(3);
  });

  it("tells trials under a noise from those without, and holds it to its name", async () => {
    await using store = await open();
    const { study, name } = await submitted(store);
    expect(await store.submitStudy({ ...study, cohorts: [variant(study, 0, { noise })] })).toEqual({
      added: 1,
      existing: 0,
    });
    expect((await store.trials(name)).map((row) => row.noise)).toEqual(["none", "none", "gradient-gaussian-0.5"]);
    const other = { ...noise, meaning: "another" } as unknown as Noise;
    const submission = store.submitStudy({ ...study, cohorts: [variant(study, 1, { noise: other })] });
    await expect(submission).rejects.toThrow("with noise gradient-gaussian-0.5 ");
  });
}
