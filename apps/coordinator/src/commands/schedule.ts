import { controlKinds, InvalidArgument } from "@stride/experiment";
import { type GradientRuleCost, gradientRuleKinds } from "@stride/optimizers/spec";
import { traceSchedule } from "@stride/schedules";
import { type ScheduleSpec, scheduleKinds, scheduleSpecSchema } from "@stride/schedules/spec";
import type { Command } from "commander";
import { parse as parseYaml } from "yaml";
import { prettifyError } from "zod";
import { readInput } from "../context.js";
import { formatTable } from "../output.js";
import { positiveNumber, wholeNumber } from "../parsers.js";
import { picture } from "../rule-pictures.js";
import { plotLine } from "../terminal-plot.js";

/** Everything that may stand among a sweep's schedules, and what moves it. */
const kinds = [
  ...scheduleKinds.map((each) => ({ ...each, moves: "with time, or a loss it watches" })),
  ...gradientRuleKinds.map((each) => ({ ...each, moves: "with gradients" })),
  ...controlKinds.map((each) => ({ ...each, moves: "as its schedule" })),
];

/** `stride schedule list|show|trace`. */
export function addSchedule(program: Command): void {
  const schedule = program.command("schedule").description("the rules: list them, look at one, replay one");
  schedule
    .command("list")
    .description("every rule with a line each")
    .option("--json", "print JSON")
    .action((options: { json?: true }) => {
      const rows = kinds.map(({ kind, moves, description, source }) => ({ kind, moves, description, source }));
      console.log(options.json ? JSON.stringify(rows, null, 2) : formatTable(rows));
    });
  schedule
    .command("show")
    .description("a rule's parameters, defaults and source, and a picture of its rate")
    .argument("<kind>", "the rule's kind, as `schedule list` names it")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride schedule show greedy")
    .action((kind: string, options: { json?: true }) => showSchedule(kind, options.json === true));
  schedule
    .command("trace")
    .description("the rate at each step, given the losses that a closed-loop rule sees")
    .requiredOption("--schedule <spec>", "the rule as in a sweep file, e.g. '{ kind: cosine }'")
    .requiredOption("--learning-rate <rate>", "the base learning rate", positiveNumber())
    .requiredOption("--steps <n>", "the horizon in steps", wholeNumber({ min: 1, max: 10_000_000 }))
    .option("--losses <file>", "one loss a line (or a JSON array): loss i is fed after step i")
    .option("--json", 'print {"learningRates": […]}')
    .addHelpText(
      "after",
      "\nExamples:\n  $ stride schedule trace --schedule '{ kind: cosine }' --learning-rate 0.1 --steps 100\n" +
        "  $ stride schedule trace --schedule '{ kind: greedy, factor: 0.5, patience: 0 }' --learning-rate 0.1 --steps 7 --losses losses.txt --json\n\n" +
        "Entry i is the rate used at step i. N losses give N + 1 rates.",
    )
    .action(
      async (options: { schedule: string; learningRate: number; steps: number; losses?: string; json?: true }) => {
        const spec = parseScheduleSpec(options.schedule);
        const losses =
          options.losses === undefined ? undefined : parseLosses(await readInput(options.losses), options.losses);
        const learningRates = traceSchedule(spec, {
          learningRate: options.learningRate,
          steps: options.steps,
          ...(losses === undefined ? {} : { losses }),
        });
        if (options.json) console.log(JSON.stringify({ learningRates }));
        else console.log(`${plotLine(learningRates)}\n${learningRates.length} rates; the numbers: --json`);
      },
    );
}

/** A schedule spec as it stands in a sweep file (YAML, so JSON too). Throws InvalidArgument. */
export function parseScheduleSpec(text: string): ScheduleSpec {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new InvalidArgument(`--schedule is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value === "object" && value !== null && "name" in value) {
    const { name: _name, ...rest } = value;
    value = rest;
  }
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "module") {
    throw new InvalidArgument("--schedule cannot be a module: it is checked with its sweep (stride plan SWEEP)");
  }
  if (typeof value === "object" && value !== null && "kind" in value && value.kind === "policy") {
    throw new InvalidArgument("--schedule cannot be a policy: losses alone are not all it sees (stride policy show)");
  }
  const parsed = scheduleSpecSchema.safeParse(value);
  if (!parsed.success) throw new InvalidArgument(`--schedule ${text}\n${prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Losses from a JSON array, or one a line; `NaN` and `Infinity` may be spelled out. Throws InvalidArgument with the place. */
export function parseLosses(text: string, file: string): number[] {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) {
    let values: unknown;
    try {
      values = JSON.parse(trimmed);
    } catch {
      throw new InvalidArgument(`${file} is not a JSON array of numbers`);
    }
    if (!Array.isArray(values)) throw new InvalidArgument(`${file} is not a JSON array of numbers`);
    return values.map((value, index) => {
      if (typeof value === "number") return value;
      throw new InvalidArgument(`${file}: entry ${index} must be a number, got ${JSON.stringify(value)}`);
    });
  }
  if (trimmed === "") return [];
  return trimmed.split(/[\s,]+/).map((word, index) => {
    const value = /^[+-]?inf(inity)?$/i.test(word)
      ? (word.startsWith("-") ? -1 : 1) * Number.POSITIVE_INFINITY
      : Number(word);
    if (Number.isNaN(value) && !/^nan$/i.test(word)) {
      throw new InvalidArgument(`${file}: entry ${index} must be a number, got ${JSON.stringify(word)}`);
    }
    return value;
  });
}

async function showSchedule(kind: string, json: boolean): Promise<void> {
  const info = kinds.find((candidate) => candidate.kind === kind);
  if (info === undefined) {
    throw new InvalidArgument(`there is no schedule "${kind}"; there are ${kinds.map((each) => each.kind).join(", ")}`);
  }
  if (json) {
    console.log(JSON.stringify(info, null, 2));
    return;
  }
  console.log(`${info.kind}: ${info.description}\nSource: ${info.source}\n`);
  console.log(
    formatTable(
      info.parameters.map(({ name, default: preset, unit, description }) => ({
        parameter: name,
        default: preset === undefined ? "required" : preset === null ? "–" : JSON.stringify(preset),
        unit,
        description,
      })),
    ),
  );
  if ("cost" in info) console.log(`\n${costOf(info.cost)}`);
  const drawn = await picture(info);
  if (drawn !== undefined) console.log(`\n${drawn}`);
}

function costOf({ numbersPerParameter, passes }: GradientRuleCost): string {
  const memory = `Keeps ${numbersPerParameter} number${numbersPerParameter === 1 ? "" : "s"} for each trained number`;
  return `${memory}; ${passes === "" ? "a step takes one forward and one backward pass" : `costs ${passes}`}.`;
}
