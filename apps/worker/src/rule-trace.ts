/**
 * Trains one small trial and prints its rates as JSON, `{ learningRates }`: how a rule moves that works on gradients can only be seen
 * in a training. Its argument is a cohort of one trial as JSON.
 */
import { createExecutor } from "@stride/compile";
import { cohortSchema } from "@stride/experiment";
import { train } from "@stride/training";

await using executor = await createExecutor("onnx-cpu");
const cohort = cohortSchema.parse(JSON.parse(process.argv[2] ?? ""));
const learningRates: number[] = [];
for await (const { chunks } of train({ cohort, executor })) {
  for (const chunk of chunks) learningRates.push(...chunk.learningRates);
}
console.log(JSON.stringify({ learningRates }));
process.exit(0);
