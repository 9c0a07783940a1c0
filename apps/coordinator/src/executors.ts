import type { ExecutorName } from "@stride/compile/spec";
import { InvalidArgument } from "@stride/experiment";
import { launchExecutorCheck } from "@stride/worker/launch";
import { z } from "zod";
import { lastLineAsJson } from "./last-line.js";

const availabilitySchema = z.array(
  z.object({ name: z.string(), available: z.boolean(), reason: z.string().optional() }),
);
export type Availability = z.infer<typeof availabilitySchema>[number];

/** Which executors this machine can use, asked of a process of its own: TensorFlow.js never enters this one. Takes seconds. */
export async function findExecutors(): Promise<readonly Availability[]> {
  return availabilitySchema.parse(await lastLineAsJson(launchExecutorCheck()));
}

/** Throws InvalidArgument with the reason when an executor that was asked for cannot run here. The default one always can. */
export async function requireExecutor(name: ExecutorName): Promise<void> {
  if (name === "onnx-cpu") return;
  const found = await findExecutors();
  const wanted = found.find((executor) => executor.name === name);
  if (wanted?.available === true) return;
  const others = found.filter(({ available }) => available).map((executor) => executor.name);
  throw new InvalidArgument(
    `the executor ${name} cannot run here: ${wanted?.reason ?? "it is unknown"}. Here there are ${others.join(", ")}`,
  );
}
