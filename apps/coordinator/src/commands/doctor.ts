import { existsSync } from "node:fs";
import type { Command } from "commander";
import { openLaboratory, openStore, placeOf } from "../connection.js";
import type { Context } from "../context.js";
import { deviceText } from "../device-text.js";
import { type FoundDevice, findExecutors } from "../executors.js";
import { exitCodes } from "../exit-codes.js";
import { formatTable } from "../output.js";
import { postgresFolder, type Settings } from "../settings.js";

export interface Finding {
  readonly check: string;
  /** `absent` is fine: an optional part that is not there. */
  readonly state: "ok" | "absent" | "broken";
  readonly detail: string;
  /** With `--json`, of a device. */
  readonly device?: FoundDevice;
}

/** `stride doctor`: what this machine has, what answers, and what to do about the rest. */
export function addDoctor(program: Command, context: Context): void {
  program
    .command("doctor")
    .description(
      "check this machine and the services it is set up for; exits 3 when one that is needed does not answer",
    )
    .option("--json", "print JSON")
    .action(async (options: { json?: true }) => {
      const settings = context.settings();
      const findings = await examine(settings);
      if (options.json) console.log(JSON.stringify(findings, null, 2));
      else console.log(formatTable(findings.map(({ check, state, detail }) => ({ check, state, detail }))));
      if (findings.some((finding) => finding.state === "broken")) context.exit(exitCodes.unreachable);
    });
}

/** Looks at this machine and at the services that these settings name. */
export async function examine(settings: Settings): Promise<readonly Finding[]> {
  return [
    nodeVersion(),
    await attempt("results database", () => checkDatabase(settings)),
    await attempt("queue", () => checkQueue(settings)),
    await attempt("coordinator", () => checkCoordinator(settings)),
    ...(await checkExecutors()),
  ];
}

type Result = Omit<Finding, "check">;

async function attempt(check: string, look: () => Promise<Result>): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    return { check, state: "broken", detail: error instanceof Error ? error.message : String(error) };
  }
}

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return { check: "Node", state: major >= 20 ? "ok" : "broken", detail: `${process.version} (20 or newer is needed)` };
}

async function checkDatabase(settings: Settings): Promise<Result> {
  if (settings.databaseUrl === undefined && !existsSync(postgresFolder(settings))) {
    return { state: "absent", detail: `the embedded Postgres will be made in ${settings.home} at the first run` };
  }
  await using opened = await openStore(settings, { create: false });
  const studies = await opened.store.studies();
  return { state: "ok", detail: `${opened.database.place}: ${studies.length} studies` };
}

async function checkQueue(settings: Settings): Promise<Result> {
  if (settings.redisUrl === undefined)
    return { state: "absent", detail: "STRIDE_REDIS_URL is not set: the queue lives in Postgres" };
  const { openTrialQueue } = await import("@stride/queue");
  await using queue = await openTrialQueue({ url: settings.redisUrl, leaseMs: settings.leaseMs });
  await queue.present(["doctor"]);
  return { state: "ok", detail: placeOf(settings.redisUrl) };
}

async function checkCoordinator(settings: Settings): Promise<Result> {
  if (settings.coordinator === undefined)
    return { state: "absent", detail: "STRIDE_COORDINATOR is not set: commands open the database themselves" };
  await using opened = await openLaboratory(settings, { create: false });
  const { version, startedAt } = await opened.laboratory.diagnose();
  return { state: "ok", detail: `${settings.coordinator}: version ${version}, since ${startedAt.toISOString()}` };
}

async function checkExecutors(): Promise<Finding[]> {
  try {
    const { executors, devices, notes } = await findExecutors();
    return [
      ...executors.map(
        ({ name, available, reason }): Finding => ({
          check: `executor ${name}`,
          state: available ? "ok" : name === "onnx-cpu" ? "broken" : "absent",
          detail: reason ?? "",
        }),
      ),
      ...devices.map(
        (device): Finding => ({
          check: `device ${device.kind} ${device.index}`,
          state: "ok",
          detail: deviceText(device),
          device,
        }),
      ),
      ...notes.map((detail): Finding => ({ check: "devices", state: "absent", detail })),
    ];
  } catch {
    return [{ check: "executors", state: "broken", detail: "the worker could not be started: npm run build" }];
  }
}
