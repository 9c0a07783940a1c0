import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { executorNames } from "@stride/compile/spec";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../../apps/coordinator/src/settings.js";
import { InvalidEnvironment, parseEnvironment } from "../../apps/worker/src/environment.js";
import { isLoopback, parseAddress } from "../../libs/rpc/src/address.js";
import { chart, noHelm, root } from "./helm-binary.mjs";
import { containersOf, podsOf } from "./helm-objects.mjs";
import { render, valuesFiles } from "./helm-render.mjs";

/** All TypeScript of a folder, tests left out. */
function sources(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|\.d\.ts$/.test(file))
    .map((file) => readFileSync(join(root, folder, file), "utf8"))
    .join("\n");
}

/** Stride's variables that an app reads: keys of its zod schemas and of those that libraries lend it, and of its options. */
const read = Object.fromEntries(
  ["coordinator", "worker"].map((app) => {
    const text = [sources(`apps/${app}/src`), sources("libs/rpc/src"), sources("libs/telemetry/src")].join("\n");
    return [
      app,
      new Set(
        [...text.matchAll(/\b(STRIDE_[A-Z_]+):|\.env\(\s*"(STRIDE_[A-Z_]+)"/g)].map(([, key, option]) => key ?? option),
      ),
    ];
  }),
);

/** Variables that OpenTelemetry's own packages read. */
const openTelemetry = (() => {
  const folder = join(root, "node_modules/@opentelemetry");
  const names = [
    "otlp-exporter-base",
    "exporter-trace-otlp-http",
    "sdk-trace-base",
    "sdk-trace-node",
    "core",
    "resources",
  ];
  const files = names.flatMap((name) => {
    const build = join(folder, name, "build/src");
    if (!existsSync(build)) return [];
    return readdirSync(build, { recursive: true }).map((file) => join(build, String(file)));
  });
  const text = files
    .filter((file) => file.endsWith(".js"))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  // Some names are put together: OTEL_EXPORTER_OTLP_${signal}ENDPOINT.
  return (name) => text.includes(name) || (/^OTEL_EXPORTER_OTLP_/.test(name) && text.includes("OTEL_EXPORTER_OTLP_"));
})();

/** Containers of Stride's own images, by what they run. */
async function processes(name) {
  return podsOf(await render(name)).flatMap((pod) =>
    containersOf(pod)
      .filter(({ image }) => image.startsWith("stride-"))
      .map((container) => ({ pod: pod.of, app: container.command[1].split("/")[1], ...container })),
  );
}

const samples = {
  STRIDE_DATABASE_URL: "postgres://stride:secret@postgres:5432/stride",
  STRIDE_REDIS_URL: "redis://:secret@redis:6379",
  STRIDE_QUEUE_URL: "redis://:secret@redis:6379",
  STRIDE_WORKER_ID: "lab-stride-worker-cpu-5d8f9c6b7-abcde",
};

describe.skipIf(noHelm !== undefined)(`the chart's names${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  it.each(valuesFiles)("with ci/%s.yaml are variables that the code reads", async (name) => {
    const unread = (await processes(name)).flatMap(({ pod, app, env }) =>
      env
        .map((variable) => variable.name)
        .filter((variable) =>
          variable.startsWith("STRIDE_")
            ? !read[app].has(variable)
            : variable.startsWith("OTEL_") && !openTelemetry(variable),
        )
        .map((variable) => `${pod}: ${variable}`),
    );
    expect(unread).toEqual([]);
  });

  it.each(valuesFiles)("with ci/%s.yaml have values that the code takes", async (name) => {
    for (const { app, env } of await processes(name)) {
      const environment = Object.fromEntries(
        env.map((variable) => [variable.name, variable.value ?? samples[variable.name]]),
      );
      expect(Object.entries(environment).filter(([, value]) => value === undefined)).toEqual([]);
      if (app === "worker") expect(parseEnvironment(environment).slots).toBeGreaterThan(0);
      else expect(parseSettings(environment).databaseUrl).toBe(samples.STRIDE_DATABASE_URL);
    }
  });

  it.each(valuesFiles)(
    "with ci/%s.yaml listen where the cluster reaches them, on the ports that are declared",
    async (name) => {
      for (const { env, ports = [], pod } of await processes(name)) {
        const listened = env
          .filter((variable) => variable.name.endsWith("_LISTEN"))
          .map(({ value }) => parseAddress(pod, value));
        expect(listened.map(({ port }) => port).sort(), pod).toEqual(
          ports.map(({ containerPort }) => containerPort).sort(),
        );
        for (const { host } of listened) expect(isLoopback(host), pod).toBe(false);
      }
    },
  );

  it("would not take wrong ones", () => {
    const environment = { ...samples, STRIDE_COORDINATOR: "coordinator:50051" };
    expect(parseEnvironment(environment).coordinator).toBe("coordinator:50051");
    expect(() => parseEnvironment({ ...environment, STRIDE_SLOTS: "0" })).toThrow(InvalidEnvironment);
    expect(() => parseSettings({ STRIDE_DATABASE_URL: "mysql://a" })).toThrow(/STRIDE_DATABASE_URL/);
  });

  it.each(valuesFiles)("with ci/%s.yaml are files and commands that the images have", async (name) => {
    const commands = { up: "up.ts", "db migrate": "db.ts" };
    for (const { pod, command } of await processes(name)) {
      const [runtime, file, ...args] = command;
      expect(runtime, pod).toBe("node");
      const source = file.replace("/dist/", "/src/").replace(/\.js$/, ".ts");
      expect(existsSync(join(root, source)), file).toBe(true);
      if (args.length === 0) continue;
      const text = readFileSync(join(root, "apps/coordinator/src/commands", commands[args.join(" ")]), "utf8");
      expect(text).toContain(`.command("${args.at(-1)}")`);
    }
  });

  it("with every values file are health services that the code serves", async () => {
    const served = new Set(
      [...sources("libs/rpc/src").matchAll(/"(liveness|readiness)"/g)].map(([, service]) => service),
    );
    for (const name of valuesFiles) {
      for (const { startupProbe, livenessProbe, readinessProbe, pod } of await processes(name)) {
        const probes = [startupProbe, livenessProbe, readinessProbe].filter((probe) => probe !== undefined);
        for (const { grpc } of probes) expect(served.has(grpc.service), `${pod}: ${grpc.service}`).toBe(true);
        if (probes.length > 0) expect(livenessProbe.grpc.service).toBe("liveness");
        if (probes.length > 0) expect(readinessProbe.grpc.service).toBe("readiness");
      }
    }
  });
});

it("the values' executors are those there are", () => {
  const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"));
  expect([...schema.definitions.pool.properties.executor.enum].sort()).toEqual([...executorNames].sort());
});
