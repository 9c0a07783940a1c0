import type { AgentProgress, AgentSweep } from "@stride/experiment";
import type { Queryable } from "../../database.js";

interface ProgressRow {
  readonly sweep: AgentSweep;
  readonly name: string | null;
  readonly iteration: number;
  readonly unfinished: number;
  readonly episodes: number;
}

/** How far an agent's study is; undefined when it is none. */
export async function agentProgress(database: Queryable, studyName: string): Promise<AgentProgress | undefined> {
  const [row] = await database.query<ProgressRow & { readonly studyKey: number }>({
    name: "agent-progress",
    text: `
      select s.study_key as "studyKey", s.sweep, p.name, p.iteration, c.unfinished, c.episodes
      from stride.studies s
      cross join lateral (
        select max(name) as name, max(version) as iteration from stride.policies where study_key = s.study_key
      ) p
      cross join lateral (
        select count(*) filter (where state <> 'finished') as unfinished, coalesce(sum(completed + diverged), 0) as episodes
        from stride.cohorts where study_key = s.study_key
      ) c
      where s.name = $1`,
    values: [studyName],
  });
  if (row === undefined || row.name === null) return undefined;
  const { sweep, name, iteration, unfinished, episodes, studyKey } = row;
  const { iterations } = sweep;
  const done = iteration === iterations && unfinished === 0;
  return {
    policyName: name,
    iterations,
    iteration,
    done,
    episodes,
    best: await bestVersion(database, studyKey, sweep),
  };
}

/** The version with the best mean return over a whole validation, the earlier of equals. */
async function bestVersion(
  database: Queryable,
  studyKey: number,
  { tasks, validate }: AgentSweep,
): Promise<number | null> {
  const [best] = await database.query<{ readonly version: number }>({
    name: "best-version",
    text: `
      select iteration as version from stride.episodes
      where study_key = $1 and purpose = 'validation'
      group by iteration
      having count(*) = $2
      order by avg(return) desc, iteration
      limit 1`,
    values: [studyKey, tasks.validation.length * validate.each],
  });
  return best?.version ?? null;
}
