import { distil } from "@stride/agents/distill";
import { InvalidArgument, readPolicy, storedPolicy } from "@stride/experiment";
import type { Command } from "commander";
import { openLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { formatDistillation } from "../distillation-report.js";
import { wholeNumber } from "../parsers.js";
import { mostCurves, policyCurves } from "../policy-curves.js";
import { absence } from "../stored-policies.js";

interface DistillOptions {
  readonly study: string;
  readonly schedule?: string;
  readonly candidates: number;
  readonly seed: number;
  readonly json?: true;
}

/** `stride policy distill`. */
export function addPolicyDistill(policy: Command, context: Context): void {
  policy
    .command("distill")
    .description(
      "simple rules that do most like it: GreedyLR's parameters and a decision table, and how alike they are",
    )
    .argument("<policy>", "NAME@VERSION, as `policy list` shows them")
    .requiredOption(
      "--study <study>",
      `where it stands as a schedule; at most ${mostCurves} of its trials are taken, evenly`,
    )
    .option("--schedule <name>", "the schedule's name there; may be left out where only one is the policy")
    .option("--candidates <n>", "GreedyLR's parameters that are tried", wholeNumber({ min: 1, max: 100_000 }), 400)
    .option("--seed <n>", "of what is drawn", wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }), 0)
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride policy distill nmf-ppo@60 --study rl-nmf-comparison")
    .action(async (reference: string, { study, schedule, candidates, seed, json }: DistillOptions) => {
      const wanted = storedPolicy(reference);
      if (wanted === undefined) {
        throw new InvalidArgument(`a policy must be NAME@VERSION, as tuner@12, got ${JSON.stringify(reference)}`);
      }
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const row = (await laboratory.policies(wanted.name)).find(({ version }) => version === wanted.version);
      if (row === undefined) throw new InvalidArgument(absence(wanted, await laboratory.policies()));
      const { every, range } = readPolicy(await laboratory.policyText(wanted.name, wanted.version));
      const seen = await policyCurves(laboratory, {
        study,
        reference,
        sha256: row.sha256,
        every,
        ...(schedule === undefined ? {} : { schedule }),
      });
      console.error(`fitting rules to ${seen.curves.length} trainings; this takes up to a minute or so`);
      const distillation = distil({ curves: seen.curves, every, range, seed, candidates });
      const report = { reference, study, schedule: seen.schedule, distillation };
      if (json)
        console.log(JSON.stringify({ policy: reference, study, schedule: seen.schedule, ...distillation }, null, 2));
      else console.log(formatDistillation(report));
    });
}
