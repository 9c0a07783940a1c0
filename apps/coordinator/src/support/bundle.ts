import { availableParallelism, release, totalmem } from "node:os";
import { type StudyStatus, version, type WorkerRow } from "@stride/experiment";
import { examine } from "../commands/doctor.js";
import { openLaboratory, openStore } from "../connection.js";
import { recallCoordinator } from "../connection-file.js";
import type { Settings } from "../settings.js";
import { workerState } from "../worker-table.js";
import { logTails } from "./log-tails.js";
import { knownSecrets, scrub } from "./scrub.js";
import { settingsTold } from "./settings-told.js";

/** A part of a bundle: what was found, or why nothing was. */
type Part<T> = T | { readonly unavailable: string };

async function part<T>(look: () => Promise<T>): Promise<Part<T>> {
  try {
    return await look();
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Everything that helps somebody else to understand an installation, as JSON text without secrets: parts are lists of what may be told,
 * and whatever is known to be a secret, or looks like one, is blanked out of the whole.
 */
export async function supportBundle(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  // Looking changes nothing: a database that is not up to date is told of, and left alone.
  const looking = { ...settings, migrate: false };
  const bundle = {
    format: 1,
    at: new Date(),
    stride: version,
    node: process.version,
    system: {
      platform: process.platform,
      arch: process.arch,
      release: release(),
      processors: availableParallelism(),
      memoryMb: Math.round(totalmem() / 2 ** 20),
    },
    settings: settingsTold(environment),
    doctor: await part(() => examine(looking)),
    laboratory: await part(() => laboratory(looking)),
    database: await part(() => database(looking)),
    queue: await part(() => queue(looking)),
    logs: await part(() => logTails(settings.home)),
  };
  const secrets = await knownSecrets(settings.home, environment);
  const text = JSON.stringify(
    bundle,
    (_key, value: unknown) => (typeof value === "string" ? scrub(value, secrets) : value),
    2,
  );
  return `${text}\n`;
}

async function laboratory(settings: Settings) {
  await using opened = await openLaboratory(settings, { create: false });
  const [studies, workers] = [await opened.laboratory.studies(), await opened.laboratory.workers()];
  return { studies: studies.map(studyTold), workers: workers.map(workerTold) };
}

function studyTold(study: StudyStatus) {
  const { name, state, createdAt, trials, stepsPlanned, stepsDone, cohorts, unfinishedCohorts } = study;
  return { name, state, createdAt, trials, stepsPlanned, stepsDone, cohorts, unfinishedCohorts };
}

function workerTold(worker: WorkerRow) {
  const { workerId, version: its, executor, slots, concurrency, busy, devices, firstSeenAt, lastSeenAt } = worker;
  const state = workerState(worker, new Date());
  return { workerId, version: its, executor, slots, concurrency, busy, state, devices, firstSeenAt, lastSeenAt };
}

/** Size, migrations and load; through a coordinator alone there is no way to them. */
async function database(settings: Settings) {
  if (settings.coordinator !== undefined && settings.databaseUrl === undefined)
    throw new Error("STRIDE_DATABASE_URL is not set");
  await using opened = await openStore(settings, { create: false });
  const { monitor } = opened.store;
  return { ...(await monitor.databaseFacts()), load: await monitor.load({ leaseMs: settings.leaseMs, studies: 100 }) };
}

async function queue(settings: Settings) {
  const { openTrialQueue } = await import("@stride/queue");
  const remembered = await recallCoordinator(settings);
  const url = settings.redisUrl ?? settings.databaseUrl ?? remembered?.queueUrl;
  if (url === undefined) throw new Error("no queue is set: it lives in the embedded Postgres, and no coordinator runs");
  await using opened = await openTrialQueue({ url, leaseMs: settings.leaseMs, migrate: false });
  return { kind: url.startsWith("redis") ? "Redis" : "Postgres", jobs: await opened.counts() };
}
