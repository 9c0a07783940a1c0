import { type AttemptReport, type CurveChunk, InvalidArgument } from "@stride/experiment";
import { encodeDoubles, encodeReals } from "../binary-arrays.js";
import type { Database } from "../database.js";

/**
 * Records a batch in one statement, and so in one transaction, if its attempt is open and the study running; says whether.
 * Chunks and evaluations that are there already, and those of trials of other cohorts, are left out. The attempt's row is
 * locked meanwhile, which makes one that takes over wait.
 */
export async function recordReport(database: Database, report: AttemptReport): Promise<boolean> {
  const { chunks, evaluations } = report;
  let points = 0;
  const offsets = chunks.map((chunk) => {
    if (chunk.trainingLosses.length !== chunk.learningRates.length) {
      throw new InvalidArgument(`a chunk of trial ${chunk.trialId} must have as many losses as learning rates`);
    }
    points += chunk.trainingLosses.length;
    return points - chunk.trainingLosses.length;
  });
  const key = [report.cohortId, report.token, report.step];
  if (chunks.length === 0 && evaluations.length === 0) {
    return (await database.query({ name: "heartbeat", text: `${open} select 1 from attempt`, values: key })).length > 0;
  }
  const additions = optional.map((name) => addition(chunks, name));
  const some = additions.some(({ offsets }) => offsets !== undefined);
  const rows = await database.query({
    ...(some ? { name: "record-whole-report", text: recordingWhole } : { name: "record-report", text: recording }),
    values: [
      ...key,
      chunks.map(({ trialId }) => trialId),
      chunks.map(({ firstStep }) => firstStep),
      offsets,
      chunks.map(({ trainingLosses }) => trainingLosses.length),
      encodeReals(chunks.map(({ trainingLosses }) => trainingLosses)),
      encodeDoubles(chunks.map(({ learningRates }) => learningRates)),
      evaluations.map(({ trialId }) => trialId),
      evaluations.map(({ step }) => step),
      encodeDoubles([Float64Array.from(evaluations, ({ loss }) => loss)]),
      ...(some
        ? additions.flatMap(({ offsets, reals }) => [offsets ?? chunks.map(() => null), encodeReals(reals)])
        : []),
    ],
  });
  return rows.length > 0;
}

/** What a chunk may have besides, in the order of `recordingWhole`. */
const optional = ["seenLosses", "lowestRates", "highestRates", "bounds"] as const;

interface Addition {
  readonly reals: readonly Float32Array[];
  /** Where each chunk's numbers begin among all of them, null for a chunk that has none; undefined when no chunk has any. */
  readonly offsets: readonly (number | null)[] | undefined;
}

function addition(chunks: readonly CurveChunk[], name: (typeof optional)[number]): Addition {
  if (chunks.every((chunk) => chunk[name] === undefined)) return { reals: [], offsets: undefined };
  const reals: Float32Array[] = [];
  let points = 0;
  const offsets = chunks.map(({ trialId, trainingLosses, [name]: values }) => {
    if (values === undefined) return null;
    if (values.length !== trainingLosses.length) {
      throw new InvalidArgument(`a chunk of trial ${trialId} must have as many ${name} as losses`);
    }
    reals.push(values);
    points += values.length;
    return points - values.length;
  });
  return { reals, offsets };
}

const open = `
  with attempt as (
    update stride.attempts a set last_seen_at = clock_timestamp(), step = greatest(a.step, $3::int)
    from stride.cohorts c join stride.studies s using (study_key)
    where c.cohort_id = $1::text and a.cohort_key = c.cohort_key and a.token = $2::int
      and a.ending is null and s.state = 'running'
    returning a.cohort_key
  )`;

/** All losses come as one array and all rates as another: one plan for batches of every size. */
const statement = ({ columns = "", values = "", offsets = "", names = "" }) => `
  ${open}, recorded_chunks as (
    insert into stride.curve_chunks (trial_key, first_step, training_losses, learning_rates${columns})
    select t.trial_key, chunk.first_step,
      ($8::real[])[chunk.first + 1 : chunk.first + chunk.length],
      ($9::double precision[])[chunk.first + 1 : chunk.first + chunk.length]${values}
    from attempt
    cross join unnest($4::text[], $5::int[], $6::int[], $7::int[]${offsets})
      as chunk (trial_id, first_step, first, length${names})
    join stride.trials t on t.trial_id = chunk.trial_id and t.cohort_key = attempt.cohort_key
    on conflict do nothing
  ), recorded_evaluations as (
    insert into stride.evaluations (trial_key, step, loss)
    select t.trial_key, evaluation.step, evaluation.loss
    from attempt
    cross join unnest($10::text[], $11::int[], $12::double precision[]) as evaluation (trial_id, step, loss)
    join stride.trials t on t.trial_id = evaluation.trial_id and t.cohort_key = attempt.cohort_key
    on conflict do nothing
  )
  select 1 from attempt`;

const recording = statement({});

/** Most reports have nothing else, and are spared these arrays. */
const recordingWhole = statement({
  columns: ", seen_losses, lowest_rates, highest_rates, bounds",
  offsets: ", $13::int[], $15::int[], $17::int[], $19::int[]",
  names: ", seen, lowest, highest, bound",
  values: `,
      case when chunk.seen is not null then ($14::real[])[chunk.seen + 1 : chunk.seen + chunk.length] end,
      case when chunk.lowest is not null then ($16::real[])[chunk.lowest + 1 : chunk.lowest + chunk.length] end,
      case when chunk.highest is not null then ($18::real[])[chunk.highest + 1 : chunk.highest + chunk.length] end,
      case when chunk.bound is not null then ($20::real[])[chunk.bound + 1 : chunk.bound + chunk.length] end`,
});
