import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidArgument } from "@stride/experiment";
import { z } from "zod";
import { randomToken, type Settings } from "./settings.js";

const coordinatorSchema = z.object({
  address: z.string(),
  token: z.string().optional(),
  queueUrl: z.string(),
  pinFile: z.string().optional(),
  pid: z.number().int(),
});

/**
 * The token of this folder's coordinator where none is set: made once, and kept for its owner alone, so that workers on this machine know a
 * coordinator that starts again.
 */
export async function keptToken(settings: Settings): Promise<string> {
  const file = join(settings.home, "token");
  await mkdir(settings.home, { recursive: true });
  try {
    await writeFile(file, randomToken(), { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const token = (await readFile(file, "utf8")).trim();
  if (token !== "") return token;
  throw new InvalidArgument(`${file} is empty: remove it, and a new token is made`);
}

/** How a worker on this machine reaches the coordinator that `stride up` runs: readable by its owner alone. */
export interface RememberedCoordinator {
  readonly address: string;
  readonly token: string | undefined;
  readonly queueUrl: string;
  /** The file of the certificate that it shows; undefined for plain text. */
  readonly pinFile: string | undefined;
  readonly pid: number;
}

const fileOf = (settings: Settings): string => join(settings.home, "coordinator.json");

export async function rememberCoordinator(settings: Settings, coordinator: RememberedCoordinator): Promise<void> {
  await mkdir(settings.home, { recursive: true });
  const draft = `${fileOf(settings)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(coordinator), { mode: 0o600 });
  await rename(draft, fileOf(settings));
}

export async function forgetCoordinator(settings: Settings): Promise<void> {
  await rm(fileOf(settings), { force: true });
}

/** The coordinator running on this machine for this folder, or undefined when there is none. */
export async function recallCoordinator(settings: Settings): Promise<RememberedCoordinator | undefined> {
  const text = await readFile(fileOf(settings), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = coordinatorSchema.safeParse(JSON.parse(text));
  if (!parsed.success || !isAlive(parsed.data.pid)) return undefined;
  return { ...parsed.data, token: parsed.data.token, pinFile: parsed.data.pinFile };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
