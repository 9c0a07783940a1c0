import { sampleStudy } from "@stride/experiment/contracts";
import { expect, it } from "vitest";
import { granted } from "../test/attempts.js";
import { testDatabase } from "../test/test-database.js";

it.each([`it's "quoted" \\ and {braced, twice}`, "NULL", "été 学習率 🎓", "a\tb\nc", "' or 1 = 1; --", "$1 %s"])(
  "gives names back as they came: %j",
  async (text) => {
    await using database = await testDatabase();
    await using store = await database.open();
    const { cohorts } = sampleStudy({ name: text });
    const renamed = cohorts.map((cohort) => ({
      ...cohort,
      trials: cohort.trials.map((trial, place) => ({ ...trial, scheduleName: place === 0 ? text : "other" })),
    }));
    const sweep = { [text]: [text], nothing: "" };
    await store.submitStudy({ name: text, source: text, sweep, cohorts: renamed });
    expect(await store.study(text)).toMatchObject({ name: text, sweep });
    expect((await store.trials(text)).map(({ schedule }) => schedule)).toEqual([text, "other"]);
    expect(await store.undelivered({ leaseMs: 0, limit: 1, studyName: text })).toEqual(renamed);
    expect(await store.knownTrialIds(text)).toEqual(new Set(renamed[0]?.trials.map(({ trialId }) => trialId)));
    const cells = await store.winRateCells(text, { metric: "finalEvaluationLoss", margin: 0, baseline: text });
    expect(cells.conditions).toMatchObject([{ challenger: "other", baseline: text, undecided: 1 }]);
  },
);

it("keeps of a failure's message what Postgres can hold", async () => {
  await using database = await testDatabase();
  await using store = await database.open();
  const study = sampleStudy({ name: "messages" });
  await store.submitStudy(study);
  const [cohort] = study.cohorts;
  if (cohort === undefined) throw new Error("there is no cohort");
  const messages = ["out of\0 memory", "🎓".repeat(20_000), ""];
  for (const message of messages) {
    await store.abandonAttempt({ ...(await granted(store, cohort)), end: "failed", message });
  }
  const kept = await database.query<{ message: string }>("select message from stride.attempts order by token");
  expect(kept.map(({ message }) => message)).toEqual(["out of memory", "🎓".repeat(5_000), ""]);
});
