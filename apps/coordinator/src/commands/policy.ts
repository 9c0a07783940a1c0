import { writeFile } from "node:fs/promises";
import { canonicalPolicy, InvalidArgument, readPolicy, type StoredPolicy, storedPolicy } from "@stride/experiment";
import { type Command, Option } from "commander";
import { openLaboratory, type StrideLaboratory } from "../connection.js";
import type { Context } from "../context.js";
import { formatTable } from "../output.js";
import { formatPolicy, policyHeadings, policyRow } from "../policy-report.js";
import { absence } from "../stored-policies.js";
import { addPolicyDistill } from "./policy-distill.js";

/** `stride policy list|show|export|distill`. */
export function addPolicy(program: Command, context: Context): void {
  const policy = program
    .command("policy")
    .description("learned policies: list them, look at one, take one out or down to a rule");
  policy
    .command("list")
    .description("every version with its parent and how it fared, in training and in validation")
    .argument("[name]", "policies of this name alone")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride policy list tuner")
    .action(async (name: string | undefined, options: { json?: true }) => {
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const rows = await laboratory.policies(name);
      if (name !== undefined && rows.length === 0) {
        throw new InvalidArgument(absence({ name, version: 0 }, await laboratory.policies()));
      }
      console.log(options.json ? JSON.stringify(rows, null, 2) : formatTable(rows.map(policyRow), policyHeadings));
    });
  policy
    .command("show")
    .description("all about one: where it comes from, what it sees and does, how it fared, its return by version")
    .argument("<policy>", "NAME@VERSION, as `policy list` shows them")
    .option("--json", "print JSON, with the policy itself")
    .addHelpText("after", "\nExample:\n  $ stride policy show tuner@12")
    .action(async (reference: string, options: { json?: true }) => {
      const wanted = parseReference(reference);
      await using opened = await openLaboratory(context.settings(), { create: false });
      const { laboratory } = opened;
      const versions = await laboratory.policies(wanted.name);
      const row = versions.find(({ version }) => version === wanted.version);
      if (row === undefined) throw await unknown(wanted, laboratory);
      const document = readPolicy(await laboratory.policyText(wanted.name, wanted.version));
      if (options.json) console.log(JSON.stringify({ ...row, document }, null, 2));
      else console.log(formatPolicy({ row, document, versions }));
    });
  policy
    .command("export")
    .description("a policy as a file: JSON, which a sweep file can name, or ONNX")
    .argument("<policy>", "NAME@VERSION, as `policy list` shows them")
    .option("-o, --output <file>", "where to write it; standard output when left out")
    .addOption(
      new Option("--format <format>", "json: the whole policy; onnx: raw features in, logits or the mean out")
        .choices(["json", "onnx"])
        .default("json"),
    )
    .addHelpText(
      "after",
      "\nExamples:\n  $ stride policy export tuner@12 -o tuner.json\n" +
        "  $ stride policy export tuner@12 --format onnx -o tuner.onnx\n\n" +
        "In a sweep file beside it:  { kind: policy, policy: ./tuner.json }",
    )
    .action(async (reference: string, { output, format }: ExportOptions) => {
      const wanted = parseReference(reference);
      if (format === "onnx" && output === undefined && process.stdout.isTTY) {
        throw new InvalidArgument("--format onnx is no text for a terminal: give -o FILE");
      }
      await using opened = await openLaboratory(context.settings(), { create: false });
      await write(output, await exported(wanted, format, opened.laboratory));
      if (output !== undefined) console.error(`wrote ${reference} to ${output}`);
    });
  addPolicyDistill(policy, context);
}

interface ExportOptions {
  readonly output?: string;
  readonly format: "json" | "onnx";
}

function parseReference(reference: string): StoredPolicy {
  const wanted = storedPolicy(reference);
  if (wanted !== undefined) return wanted;
  throw new InvalidArgument(`a policy must be NAME@VERSION, as tuner@12, got ${JSON.stringify(reference)}`);
}

async function unknown(wanted: StoredPolicy, laboratory: StrideLaboratory): Promise<InvalidArgument> {
  return new InvalidArgument(absence(wanted, await laboratory.policies()));
}

async function exported(
  wanted: StoredPolicy,
  format: ExportOptions["format"],
  laboratory: StrideLaboratory,
): Promise<string | Uint8Array> {
  const versions = await laboratory.policies(wanted.name);
  if (!versions.some(({ version }) => version === wanted.version)) throw await unknown(wanted, laboratory);
  const text = await laboratory.policyText(wanted.name, wanted.version);
  if (format === "json") return `${canonicalPolicy(text)}\n`;
  const { policyModel } = await import("../policy-model.js");
  return policyModel(readPolicy(text));
}

async function write(output: string | undefined, content: string | Uint8Array): Promise<void> {
  if (output === undefined) {
    process.stdout.write(content);
    return;
  }
  try {
    await writeFile(output, content);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const why = code === "ENOENT" ? "there is no such folder" : code === "EISDIR" ? "it is a folder" : String(code);
    throw new InvalidArgument(`cannot write ${output}: ${why}`);
  }
}
