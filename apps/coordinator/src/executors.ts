import type { ExecutorName } from "@stride/compile/spec";
import { InvalidArgument } from "@stride/experiment";
import { launchExecutorCheck } from "@stride/worker/launch";
import { z } from "zod";
import { lastLineAsJson } from "./last-line.js";

const availabilitySchema = z.object({ name: z.string(), available: z.boolean(), reason: z.string().optional() });
const deviceSchema = z.object({
  index: z.int(),
  kind: z.enum(["nvidia", "vulkan"]),
  name: z.string(),
  memoryMb: z.number().optional(),
  freeMb: z.number().optional(),
  driver: z.string().optional(),
  software: z.boolean().optional(),
  uuid: z.string().optional(),
});
const machineSchema = z.object({
  executors: z.array(availabilitySchema),
  devices: z.array(deviceSchema),
  /** Of each part that is not known, why. */
  notes: z.array(z.string()),
});
export type FoundDevice = z.infer<typeof deviceSchema>;
export type ComputingMachine = z.infer<typeof machineSchema>;

/** What this machine can compute on, asked of a process of its own: TensorFlow.js never enters this one. Takes seconds. */
export async function findExecutors(): Promise<ComputingMachine> {
  return machineSchema.parse(await lastLineAsJson(launchExecutorCheck()));
}

/** Throws InvalidArgument with the reason when an executor that was asked for cannot run here. The default one always can. */
export async function requireExecutor(name: ExecutorName): Promise<void> {
  if (name === "onnx-cpu") return;
  const { executors } = await findExecutors();
  const wanted = executors.find((executor) => executor.name === name);
  if (wanted?.available === true) return;
  const others = executors.filter(({ available }) => available).map((executor) => executor.name);
  throw new InvalidArgument(
    `the executor ${name} cannot run here: ${wanted?.reason ?? "it is unknown"}. Here there are ${others.join(", ")}`,
  );
}
