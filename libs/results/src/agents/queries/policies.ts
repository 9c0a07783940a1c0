import type { EpisodeSummary, PolicyRow, UpdateStatistics } from "@stride/experiment";
import type { Queryable } from "../../database.js";

export interface NewPolicy {
  readonly studyKey: number;
  readonly name: string;
  readonly version: number;
  readonly algorithm: string;
  readonly sha256: string;
  readonly document: string;
  readonly statistics: UpdateStatistics;
}

/** Adds a version; one that is there stays. */
export async function addPolicy(transaction: Queryable, policy: NewPolicy): Promise<void> {
  await transaction.query({
    text: `
      insert into stride.policies (study_key, name, version, parent, algorithm, sha256, document, statistics)
      values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
      on conflict on constraint policies_once do nothing`,
    values: [
      policy.studyKey,
      policy.name,
      policy.version,
      policy.version === 0 ? null : policy.version - 1,
      policy.algorithm,
      policy.sha256,
      policy.document,
      JSON.stringify(finiteOnes(policy.statistics)),
    ],
  });
}

/** JSON has no NaN: what is none is left out. */
function finiteOnes(statistics: UpdateStatistics): UpdateStatistics {
  return Object.fromEntries(Object.entries(statistics).filter(([, value]) => Number.isFinite(value)));
}

/** Texts of a study's versions, of those that there are. */
export async function policyTexts(
  database: Queryable,
  { studyKey, versions }: { readonly studyKey: number; readonly versions: readonly number[] },
): Promise<ReadonlyMap<number, string>> {
  const rows = await database.query<{ readonly version: number; readonly document: string }>({
    name: "policy-texts",
    text: "select version, document from stride.policies where study_key = $1 and version = any($2::int[])",
    values: [studyKey, versions],
  });
  return new Map(rows.map(({ version, document }) => [version, document]));
}

export async function policyText(database: Queryable, name: string, version: number): Promise<string | undefined> {
  const [row] = await database.query<{ readonly document: string }>({
    text: "select document from stride.policies where name = $1 and version = $2",
    values: [name, version],
  });
  return row?.document;
}

interface Row extends Omit<PolicyRow, "training" | "validation"> {
  readonly training: EpisodeSummary | null;
  readonly validation: EpisodeSummary | null;
}

/** All policies, or those of a name, each with how its episodes went. */
export function policyRows(database: Queryable, name?: string): Promise<readonly PolicyRow[]> {
  return database.query<Row>({
    name: "policy-rows",
    text: `
      select p.name, p.version, p.parent, s.name as study, p.algorithm, p.sha256, p.created_at as "createdAt", p.statistics,
        e.training, e.validation
      from stride.policies p
      join stride.studies s using (study_key)
      cross join lateral (
        select ${summary("train")} as training, ${summary("validation")} as validation
        from stride.episodes e
        where e.study_key = p.study_key and e.iteration = p.version
      ) e
      where $1::text is null or p.name = $1
      order by p.name, p.version`,
    values: [name ?? null],
  });
}

/** An `EpisodeSummary` as JSON; null where there are no episodes of this purpose. */
function summary(purpose: "train" | "validation"): string {
  const of = (aggregate: string) => `${aggregate} filter (where e.purpose = '${purpose}')`;
  return `case when ${of("count(*)")} > 0 then jsonb_build_object(
    'episodes', ${of("count(*)")},
    'meanReturn', ${of("avg(e.return)")},
    'divergence', ${of("avg(e.diverged::int::float8)")},
    'entropy', coalesce(${of("sum(e.entropy * e.decisions)")} / nullif(${of("sum(e.decisions)")}, 0), 0),
    'steps', ${of("sum(e.steps)")},
    'forwardPasses', ${of("sum(e.forward_passes)")},
    'backwardPasses', ${of("sum(e.backward_passes)")},
    'seconds', ${of("sum(e.seconds)")}) end`;
}
