import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { chart, noHelm } from "./helm-binary.mjs";
import { refusal, valuesFile, valuesFiles } from "./helm-render.mjs";

const external = { postgres: { secretName: "database", bundled: { enabled: false } } };
const reached = { networkPolicy: { postgres: { peers: [{ ipBlock: { cidr: "10.0.0.0/8" } }] } } };
const pool = (values) => ({ workers: { cpu: values } });

/** Wrong values, and what helm's message must name. */
const wrong = [
  [{ worker: {} }, /additional properties 'worker' not allowed/],
  [{ nameOverride: "Stride" }, /\/nameOverride.*does not match/],
  [{ leaseMs: 499 }, /\/leaseMs.*minimum: got 499, want 500/],
  [{ leaseMs: "30s" }, /\/leaseMs.*got string, want integer/],
  [{ allowModules: "maybe" }, /\/allowModules.*want boolean/],
  [{ listenAddress: "127.0.0.1" }, /\/listenAddress.*must be one of '0.0.0.0', '\[::\]'/],
  [{ log: { level: "verbose" } }, /\/log\/level.*must be one of 'silent'/],
  [{ log: { format: "xml" } }, /\/log\/format/],
  [{ imagePullSecrets: [{ name: "registry" }] }, /\/imagePullSecrets\/0.*want string/],
  [{ coordinator: { replicas: 2 } }, /\/coordinator.*'replicas' not allowed/],
  [{ coordinator: { rateLimit: -1 } }, /\/coordinator\/rateLimit/],
  [{ coordinator: { image: { digest: "sha256:1" } } }, /\/coordinator\/image\/digest/],
  [{ coordinator: { resources: { limits: { memory: "1 GB" } } } }, /\/coordinator\/resources\/limits\/memory/],
  [{ coordinator: { resources: { limit: {} } } }, /\/coordinator\/resources.*'limit' not allowed/],
  [{ coordinator: { resources: { limits: { "nvidia.com/gpu": 1 } } } }, /propertyName 'nvidia.com\/gpu'/],
  [{ coordinator: { tolerations: [{ key: "a", effect: "Never" }] } }, /\/tolerations\/0\/effect/],
  [{ coordinator: { affinity: { nodeAffinities: {} } } }, /\/coordinator\/affinity.*'nodeAffinities' not allowed/],
  [{ coordinator: { externalService: { type: "ClusterIP" } } }, /\/coordinator\/externalService\/type/],
  [{ workers: { Cpu: {} } }, /'Cpu' does not match/],
  [{ workers: [] }, /\/workers.*got array, want object/],
  [pool({ slot: 2 }), /\/workers\/cpu.*'slot' not allowed/],
  [pool({ executor: "cuda" }), /\/workers\/cpu\/executor.*must be one of 'onnx-cpu'/],
  [pool({ slots: 257 }), /\/workers\/cpu\/slots.*maximum: got 257, want 256/],
  [pool({ drainSeconds: 86401 }), /\/workers\/cpu\/drainSeconds/],
  [pool({ graceSeconds: 29 }), /\/workers\/cpu\/graceSeconds.*got 29, want 30/],
  [pool({ gpu: { count: 0.5 } }), /\/workers\/cpu\/gpu\/count/],
  [pool({ gpu: { resource: "gpu" } }), /\/workers\/cpu\/gpu\/resource/],
  [pool({ executor: "onnx-cuda" }), /workers\.cpu: executor onnx-cuda needs gpu\.count of 1 or more/],
  [pool({ podDisruptionBudget: { maxUnavailable: "some" } }), /\/workers\/cpu\/podDisruptionBudget\/maxUnavailable/],
  [
    pool({ topologySpread: [{ topologyKey: "zone", maxSkew: 0, whenUnsatisfiable: "DoNotSchedule" }] }),
    /\/topologySpread\/0\/maxSkew/,
  ],
  [pool({ autoscaling: { kind: "auto" } }), /\/workers\/cpu\/autoscaling\/kind.*must be one of 'none', 'keda', 'hpa'/],
  [pool({ autoscaling: { kind: "hpa", min: 0 } }), /workers\.cpu: autoscaling\.min must be 1 or more/],
  [pool({ autoscaling: { min: 5, max: 4 } }), /workers\.cpu: autoscaling\.min must not be above autoscaling\.max/],
  [{ ...external, ...reached, ...pool({ autoscaling: { kind: "keda" } }) }, /workers\.cpu.*keda\.postgres\.host/],
  [{ auth: { tokens: { secretName: "" } } }, /\/auth\/tokens\/secretName/],
  [{ auth: { workerToken: { value: "secret" } } }, /\/auth\/workerToken.*'value' not allowed/],
  [{ tls: { enabled: true } }, /\/tls\/server\/secretName.*minLength/],
  [{ tls: { enabled: true, certManager: { enabled: true } } }, /\/tls\/certManager\/issuerRef\/name.*minLength/],
  [
    { tls: { enabled: true, server: { secretName: "a" }, mutual: { enabled: true } } },
    /\/tls\/mutual\/clientCa\/secretName/,
  ],
  [
    { tls: { enabled: true, server: { secretName: "a" }, mutual: { enabled: true, clientCa: { secretName: "b" } } } },
    /\/tls\/mutual\/worker\/secretName/,
  ],
  [{ tls: { mutual: { enabled: true } } }, /\/tls\/enabled.*must be true/],
  [{ tls: { certManager: { enabled: true } } }, /\/tls\/enabled.*must be true/],
  [{ tls: { certManager: { duration: "90d" } } }, /\/tls\/certManager\/duration/],
  [{ queue: { kind: "kafka" } }, /\/queue\/kind.*must be one of 'redis', 'postgres'/],
  [{ postgres: { bundled: { enabled: false } } }, /\/postgres\/secretName.*minLength/],
  [{ postgres: { url: "postgres://a:b@c/d" } }, /\/postgres.*'url' not allowed/],
  [{ postgres: { bundled: { storage: { size: "0Gi" } } } }, /\/postgres\/bundled\/storage\/size/],
  [{ postgres: { bundled: { runAsUser: 0 } } }, /\/postgres\/bundled\/runAsUser/],
  [external, /networkPolicy\.postgres\.peers must say where/],
  [{ redis: { bundled: { enabled: false } } }, /\/redis\/secretName.*minLength/],
  [{ redis: { secretName: "cache", bundled: { enabled: false } } }, /networkPolicy\.redis\.peers must say where/],
  [{ redis: { bundled: { maxMemory: "lots" } } }, /\/redis\/bundled\/maxMemory/],
  [{ migration: { mode: "hook" } }, /\/migration\/mode/],
  [{ migration: { mode: "job" } }, /migration\.mode job needs an external Postgres/],
  [{ keda: { postgres: { sslMode: "on" } } }, /\/keda\/postgres\/sslMode/],
  [{ networkPolicy: { clients: [{}] } }, /\/networkPolicy\/clients\/0.*minProperties/],
  [{ networkPolicy: { clients: [{ ipBlock: { cidr: "10.0.0.1" } }] } }, /\/networkPolicy\/clients\/0\/ipBlock\/cidr/],
  [{ networkPolicy: { monitoringNamespace: "" } }, /\/networkPolicy\/monitoringNamespace/],
  [{ tracing: { endpoint: "collector:4318" } }, /\/tracing\/endpoint/],
  [{ tracing: { endpoint: "http://collector:4318" } }, /networkPolicy\.otlp\.peers must say where/],
  [{ monitoring: { serviceMonitor: { interval: "often" } } }, /\/monitoring\/serviceMonitor\/interval/],
  [
    { monitoring: { prometheusRule: { enabled: true } } },
    /prometheusRule\.enabled needs monitoring\.serviceMonitor\.enabled/,
  ],
  [{ monitoring: { prometheusRule: { thresholds: { failedAttemptShare: 20 } } } }, /\/failedAttemptShare.*maximum/],
  [{ backup: { schedule: "daily" } }, /\/backup\/schedule/],
  [{ backup: { keep: 0 } }, /\/backup\/keep/],
];

describe.skipIf(noHelm !== undefined)(`wrong values${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  it.each(wrong.map(([values, message]) => ({ values, message, shown: JSON.stringify(values) })))(
    "$shown are refused with $message",
    async ({ values, message }) => {
      expect(await refusal(values)).toMatch(message);
    },
  );

  it.each(valuesFiles)("ci/%s.yaml is taken", async (name) => {
    expect(await refusal(parse(readFileSync(valuesFile(name), "utf8")) ?? {})).toBeUndefined();
  });
});

describe("values.schema.json", () => {
  const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8"));

  /** Every subschema of an object type that says which properties it has, or says nothing of them. */
  function objects(node, path) {
    if (typeof node !== "object" || node === null) return [];
    const own = node.type === "object" ? [{ path, node }] : [];
    return [...own, ...Object.entries(node).flatMap(([key, inner]) => objects(inner, `${path}/${key}`))];
  }

  it("lets no object have properties that it does not name, but for maps and what Kubernetes defines", () => {
    const open = objects(schema, "")
      .filter(({ node }) => node.additionalProperties === undefined && node.maxProperties === undefined)
      .map(({ path }) => path);
    expect(open).toEqual(
      ["nodeAffinity", "podAffinity", "podAntiAffinity"].map((kind) => `/definitions/affinity/properties/${kind}`),
    );
  });

  it("has a property for every value, and a value for every property", () => {
    const values = parse(readFileSync(join(chart, "values.yaml"), "utf8"));
    const resolve = (node) => {
      if (node.$ref !== undefined) return resolve(schema.definitions[node.$ref.replace("#/definitions/", "")]);
      return node.allOf?.[0]?.$ref === undefined ? node : resolve(node.allOf[0]);
    };
    const compare = (value, node, path) => {
      const { properties } = resolve(node);
      const isMap = properties === undefined || /\/(image|resources|affinity)$/.test(path);
      if (typeof value !== "object" || value === null || Array.isArray(value) || isMap) return [];
      const known = Object.keys(properties).filter((key) => key !== "global");
      const missing = known.filter((key) => !(key in value)).map((key) => `${path}/${key} has no value`);
      const inner = Object.keys(value).flatMap((key) =>
        properties[key] === undefined
          ? [`${path}/${key} has no property`]
          : compare(value[key], properties[key], `${path}/${key}`),
      );
      return [...missing, ...inner];
    };
    expect(compare(values, schema, "")).toEqual([]);
  });
});
