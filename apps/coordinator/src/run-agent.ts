import {
  comparisonSource,
  comparisonStudy,
  type EpisodeSummary,
  InvalidArgument,
  type PolicyRow,
  parseAgentSweep,
  parseSweep,
  type Submission,
} from "@stride/experiment";
import type { WinRate } from "@stride/statistics";
import { createAgentProgress } from "./agent-progress.js";
import type { Context } from "./context.js";
import { exitCodes } from "./exit-codes.js";
import { followStudy, isOver } from "./follow.js";
import { followAgent } from "./follow-agent.js";
import type { LocalRun } from "./local-run.js";
import { formatTable } from "./output.js";
import { placeholderModules } from "./placeholder-modules.js";
import { createProgress, formatSeconds } from "./progress.js";
import { formatWinRates, withInterval } from "./win-rate-table.js";

export interface RunAgentOptions {
  readonly run: LocalRun;
  readonly submission: Submission;
  readonly json: boolean;
  readonly context: Context;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** An agent's study on this machine: learns, and then compares what it learned with what the sweep file names. */
export async function runAgent(options: RunAgentOptions): Promise<void> {
  const { run, submission, json, context, startedAt } = options;
  const sweep = parseAgentSweep(submission.source, submission);
  const learned = await learn(options, sweep.study);
  if (learned === undefined) return;
  const { best, policies } = learned;
  if (!json) console.log(`${formatPolicies(policies, best)}\n`);
  const policy = `${sweep.policy}@${best}`;
  const comparison = comparisonSource(sweep, best);
  if (comparison === undefined) {
    if (json) console.log(JSON.stringify({ study: sweep.study, policy, policies }, null, 2));
    else console.log(`${sweep.study} took ${took(startedAt)}. Use it:  { kind: policy, policy: ${policy} }`);
    return;
  }
  const progress = createProgress({ stream: process.stderr });
  const studyName = comparisonStudy(sweep);
  await run.study({ source: comparison, file: submission.file }, studyName, {
    follow: (study) => followStudy({ ...study, progress, signal: context.signal }),
    async conclude({ laboratory, status }) {
      if (!isOver(status)) return stopped(progress.note, studyName, context);
      const winRates = await laboratory.winRates(studyName, {});
      if (json) {
        console.log(
          JSON.stringify({ study: sweep.study, policy, policies, comparison: { study: studyName, winRates } }, null, 2),
        );
      } else {
        console.log(formatWinRates(winRates, { studyName, sweep: status.sweep }));
        console.log(`\n${learnedAgainstBaseline(winRates, { policy, comparison })}`);
        console.log(
          `\n${sweep.study} took ${took(startedAt)}. The results lie in ${run.place}.\n` +
            `Look further:  npx stride policy show ${policy}  ·  npx stride policy export ${policy} -o ${sweep.policy}.json  ·  ` +
            `npx stride results export ${studyName} -o results/`,
        );
      }
      if (status.trials.failed > 0) context.exit(exitCodes.failedTrials);
    },
  });
}

const took = (startedAt: number) => formatSeconds((Date.now() - startedAt) / 1000);

function stopped(note: (line: string) => void, studyName: string, context: Context): void {
  note(`stopped; nothing is lost: run the same command to go on with ${studyName}`);
  context.exit(exitCodes.interrupted);
}

/** Undefined when it was stopped or failed, which has been said then. */
async function learn(
  { run, submission, context }: RunAgentOptions,
  studyName: string,
): Promise<{ readonly best: number; readonly policies: readonly PolicyRow[] } | undefined> {
  const progress = createAgentProgress({ stream: process.stderr });
  return run.study(submission, studyName, {
    follow: (study) => followAgent({ ...study, progress, signal: context.signal }),
    async conclude({ laboratory, status }) {
      const agent = await laboratory.agentProgress(studyName);
      if (agent?.done && agent.best !== null) {
        return { best: agent.best, policies: await laboratory.policies(agent.policyName) };
      }
      if (!isOver(status)) stopped(progress.note, studyName, context);
      else if (status.state === "cancelled") {
        throw new InvalidArgument(
          `study ${studyName} is cancelled, which is final: submit its sweep under another name`,
        );
      } else {
        progress.note(`${studyName} did not end: see ${run.logs}, then stride retry ${studyName} --failed`);
        context.exit(exitCodes.failedTrials);
      }
      return undefined;
    },
  });
}

/** The answer in a sentence: the learned policy's win rate over all test tasks against the comparison's baseline, in both views. */
export function learnedAgainstBaseline(
  winRates: readonly WinRate[],
  { policy, comparison }: { readonly policy: string; readonly comparison: string },
): string {
  const { schedules, analysis } = parseSweep(comparison, { modules: placeholderModules(comparison) });
  const names = schedules
    .filter(({ schedule }) => schedule.kind === "policy" && schedule.policy === policy)
    .map(({ name }) => name);
  const sentences = names.map((name) => {
    const of = (view: WinRate["view"]) =>
      winRates.find((row) => row.view === view && row.task === "all" && row.challenger === name);
    const [tuned, fixed] = [of("tuned"), of("fixed")];
    if (tuned === undefined || fixed === undefined) return `${policy} is the baseline ${name}.`;
    return (
      `${policy} (${name}) wins against ${analysis.baseline} in ${withInterval(tuned.winRate)} of the pairs where both are tuned, ` +
      `and in ${withInterval(fixed.winRate)} at fixed rates.`
    );
  });
  return sentences.join("\n");
}

/** The versions that were validated, and what it cost to learn them. */
export function formatPolicies(policies: readonly PolicyRow[], best: number): string {
  const rows = policies.flatMap(({ name, version, training, validation }) =>
    validation === null
      ? []
      : [
          {
            policy: `${name}@${version}`,
            validation: validation.meanReturn,
            "diverged %": 100 * validation.divergence,
            training: training?.meanReturn ?? null,
            entropy: training?.entropy ?? null,
            note: version === best ? "best" : "",
          },
        ],
  );
  const headings = { validation: "return in validation", training: "return in training" };
  return `What was learned\n${formatTable(rows, headings)}\n${costOfLearning(policies)}`;
}

function costOfLearning(policies: readonly PolicyRow[]): string {
  const lived = policies.flatMap(({ training, validation }) => [training, validation]).filter((part) => part !== null);
  const sum = (of: (part: EpisodeSummary) => number) => lived.reduce((total, part) => total + of(part), 0);
  const passes = sum(({ forwardPasses }) => forwardPasses) + sum(({ backwardPasses }) => backwardPasses);
  return (
    `Learning took ${sum(({ episodes }) => episodes)} episodes: ${sum(({ steps }) => steps)} steps, ${passes} passes, ` +
    `${formatSeconds(sum(({ seconds }) => seconds))} of training. No comparison below is charged for it.`
  );
}
