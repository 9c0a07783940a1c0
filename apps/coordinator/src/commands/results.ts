import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { WinRateQuestion } from "@stride/rpc";
import { metrics, type Target, type WinRate } from "@stride/statistics";
import { type Command, InvalidArgumentError, Option } from "commander";
import { openLaboratory, type StrideLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { csvLines, formatTable, type Row, writeLine } from "../output.js";
import { positiveNumber, wholeNumber } from "../parsers.js";
import { plotLine } from "../terminal-plot.js";
import { curveOutput, curveRows, trialOutput } from "../trial-rows.js";
import { formatWinRates } from "../win-rate-table.js";

type Format = "table" | "json" | "csv";

interface FormatOptions {
  readonly format: Format;
  readonly json?: true;
}

const formatOption = () =>
  new Option("--format <format>", "how to print").choices(["table", "json", "csv"]).default("table");
const formatOf = (options: FormatOptions): Format => (options.json ? "json" : options.format);

/** `stride results win-rate|trials|curves|export STUDY`. */
export function addResults(program: Command, context: Context): void {
  const results = program.command("results").description("what a study found");
  addWinRate(results, context);
  addTrials(results, context);
  addCurves(results, context);
  addExport(results, context);
}

async function withLaboratory(context: Context, use: (laboratory: StrideLaboratory) => Promise<void>): Promise<void> {
  await using opened = await openLaboratory(context.settings(), { create: false });
  await use(opened.laboratory);
}

function addWinRate(results: Command, context: Context): void {
  results
    .command("win-rate")
    .description("which schedule wins, by how much, how sure: at fixed rates and tuned")
    .argument("<study>", "the study's name")
    .addOption(formatOption())
    .option("--json", "the same as --format json")
    .option("--baseline <schedule>", "compare with this one (as the sweep says when left out)")
    .addOption(new Option("--metric <metric>", "what is compared").choices(metrics))
    .option("--target <loss>", "what stepsToTarget and passesToTarget count up to: a loss, or baseline", targetLoss)
    .option("--task <task>", "on this task alone")
    .option("--optimizer <optimizer>", "with this optimizer alone")
    .option("--noise <noise>", "under this noise alone; none: without any")
    .option("--margin <fraction>", "relative difference that still is a tie", positiveNumber({ orZero: true }))
    .option("--seed <n>", "seed of the bootstrap", wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }))
    .addHelpText(
      "after",
      "\nExamples:\n  $ stride results win-rate quickstart --baseline constant --margin 0.02\n" +
        "  $ stride results win-rate quickstart --metric stepsToTarget --target baseline",
    )
    .action((study: string, options: FormatOptions & WinRateQuestion) =>
      withLaboratory(context, async (laboratory) => {
        const { format: _format, json: _json, ...question } = options;
        const rows = await laboratory.winRates(study, question);
        const format = formatOf(options);
        if (format === "table") {
          const { sweep } = await laboratory.study(study);
          console.log(formatWinRates(rows, { studyName: study, sweep }));
        } else if (format === "json") console.log(JSON.stringify(rows, null, 2));
        else for (const line of csvLines(rows.map(flatten))) await writeLine(line);
      }),
    );
}

/** Intervals as flat columns, `winRate`, `winRate.lower`, …; the tuned rates have their place in the JSON alone. */
function flatten({ rates: _rates, winRate, equalOrBetter, meanLogRatio, conditions, ...plain }: WinRate): Row {
  return {
    ...plain,
    ...interval("winRate", winRate),
    ...interval("equalOrBetter", equalOrBetter),
    ...interval("meanLogRatio", meanLogRatio),
    ...Object.fromEntries(Object.entries(conditions).map(([verdict, count]) => [`conditions.${verdict}`, count])),
  };
}

function interval(name: string, { value, lower, upper }: WinRate["winRate"]): Row {
  return { [name]: value, [`${name}.lower`]: lower, [`${name}.upper`]: upper };
}

/** A loss to reach, or "baseline". */
function targetLoss(text: string): Target {
  const loss = text.trim() === "" ? Number.NaN : Number(text);
  if (text === "baseline" || Number.isFinite(loss)) return text === "baseline" ? text : loss;
  throw new InvalidArgumentError(`It must be a loss or "baseline", got "${text}".`);
}

/** What the table shows; the other formats have it all. */
const trialColumns = [
  "task",
  "noise",
  "schedule",
  "learningRate",
  "seed",
  "split",
  "outcome",
  "steps",
  "finalEvaluationLoss",
  "seconds",
  "attempts",
] as const;

function addTrials(results: Command, context: Context): void {
  results
    .command("trials")
    .description("one line a trial: what it was and how it ended")
    .argument("<study>", "the study's name")
    .addOption(formatOption())
    .option("--json", "the same as --format json")
    .addHelpText("after", "\nExample:\n  $ stride results trials quickstart --format csv > trials.csv")
    .action((study: string, options: FormatOptions) =>
      withLaboratory(context, async (laboratory) => {
        const rows = [];
        for await (const row of laboratory.trials(study)) rows.push(trialOutput(row));
        const format = formatOf(options);
        if (format === "json") console.log(JSON.stringify(rows, null, 2));
        else if (format === "csv") for (const line of csvLines(rows)) await writeLine(line);
        else {
          const shown = rows.map((row) => Object.fromEntries(trialColumns.map((column) => [column, row[column]])));
          console.log(formatTable(shown, { learningRate: "lr", finalEvaluationLoss: "final loss" }));
        }
      }),
    );
}

function addCurves(results: Command, context: Context): void {
  results
    .command("curves")
    .description("loss and learning rate at every step")
    .argument("<study>", "the study's name")
    .addOption(formatOption())
    .option("--json", "the same as --format json")
    .option("--trial <ids...>", "these trials alone")
    .addHelpText("after", "\nExample:\n  $ stride results curves quickstart --trial t3f… --format csv")
    .action((study: string, options: FormatOptions & { trial?: string[] }) =>
      withLaboratory(context, async (laboratory) => {
        const format = formatOf(options);
        const curves = laboratory.curves(study, options.trial === undefined ? {} : { trialIds: options.trial });
        let count = 0;
        if (format === "json") await writeLine("[");
        for await (const curve of curves) {
          if (format === "json") await writeLine(`${count === 0 ? " " : ","}${JSON.stringify(curveOutput(curve))}`);
          else if (format === "table") {
            await writeLine(`${curve.trialId}: log10 of the training loss over ${curve.trainingLosses.length} steps`);
            await writeLine(`${plotLine(Array.from(curve.trainingLosses, Math.log10))}\n`);
          } else {
            let heading = count > 0;
            for (const line of csvLines(curveRows(curve))) {
              if (heading) heading = false;
              else await writeLine(line);
            }
          }
          count += 1;
        }
        if (format === "json") await writeLine("]");
      }),
    );
}

function addExport(results: Command, context: Context): void {
  results
    .command("export")
    .description("write a study's trials, curves and win rates into a folder")
    .argument("<study>", "the study's name")
    .addOption(new Option("--format <format>", "file format").choices(["json", "csv"]).default("csv"))
    .requiredOption("-o, --output <folder>", "the folder, made if needed")
    .option("--json", "print what was written as JSON")
    .addHelpText("after", "\nExample:\n  $ stride results export quickstart -o results/ --format json")
    .action((study: string, { format, output, json }: { format: "json" | "csv"; output: string; json?: true }) =>
      withLaboratory(context, async (laboratory) => {
        // Asked first: an unknown study writes nothing.
        const winRates = await laboratory.winRates(study, {});
        await mkdir(output, { recursive: true });
        const file = (name: string): string => join(output, `${study}-${name}.${format}`);
        if (format === "json") await writeFile(file("win-rates"), `${JSON.stringify(winRates, null, 2)}\n`);
        else await writeFile(file("win-rates"), `${[...csvLines(winRates.map(flatten))].join("\n")}\n`);
        const trials = mapAsync(laboratory.trials(study), trialOutput);
        const curves = laboratory.curves(study, {});
        const trialCount = await writeRows(file("trials"), trials, format, (row) => [row]);
        const curveCount = await (format === "json"
          ? writeRows(file("curves"), mapAsync(curves, curveOutput), format, (row) => [row as unknown as Row])
          : writeRows(file("curves"), curves, format, curveRows));
        const written = { study, output, trials: trialCount, curves: curveCount };
        console.log(
          json
            ? JSON.stringify(written)
            : `${trialCount} trials and ${curveCount} curves of ${study} written to ${output}`,
        );
      }),
    );
}

async function* mapAsync<In, Out>(items: AsyncIterable<In>, map: (item: In) => Out): AsyncGenerator<Out> {
  for await (const item of items) yield map(item);
}

/** Writes items as they come, never more in memory than one; gives how many there were. */
async function writeRows<Item>(
  file: string,
  items: AsyncIterable<Item>,
  format: "json" | "csv",
  rowsOf: (item: Item) => Iterable<Row>,
): Promise<number> {
  const stream = createWriteStream(file);
  const write = async (text: string): Promise<void> => {
    if (!stream.write(text)) await once(stream, "drain");
  };
  let count = 0;
  if (format === "json") await write("[");
  for await (const item of items) {
    if (format === "json") await write(`${count === 0 ? "" : ","}\n${JSON.stringify(item)}`);
    else {
      let skipHeading = count > 0;
      for (const line of csvLines(rowsOf(item))) {
        if (skipHeading) skipHeading = false;
        else await write(`${line}\n`);
      }
    }
    count += 1;
  }
  if (format === "json") await write("\n]\n");
  stream.end();
  await once(stream, "finish");
  return count;
}
