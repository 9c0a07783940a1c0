import { beforeAll, describe, expect, it } from "vitest";
import { noHelm } from "./helm-binary.mjs";
import { unknownFields } from "./helm-known-fields.mjs";
import { chartLaws, referenceProblems } from "./helm-laws.mjs";
import { fullname, render } from "./helm-render.mjs";
import { customFieldProblems, schemaProblems } from "./helm-schemas.mjs";

/** All that the checkers say about a release. */
async function problemsOf(objects) {
  const named = new Set(["lab-stride-postgres", "lab-stride-redis", "stride-tokens", "stride-worker-token"]);
  for (const name of ["coordinator-tls", "coordinator-authority", "clients-authority", "worker-tls"]) named.add(name);
  return [
    ...objects.flatMap(schemaProblems),
    ...objects.flatMap((object) => unknownFields(object) ?? []),
    ...(await customFieldProblems(objects)),
    ...chartLaws.flatMap(({ problems }) => problems(objects)),
    ...referenceProblems(objects, named),
  ];
}

describe.skipIf(noHelm !== undefined)(`the checkers${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  /** @type {readonly any[]} */
  let whole;
  beforeAll(async () => {
    whole = [
      ...(await render("tls-mutual-monitoring")),
      ...(await render("bundled-keda")).filter(({ apiVersion }) => apiVersion.startsWith("keda.sh")),
    ];
  });

  it("say nothing about what is whole", async () => {
    expect(await problemsOf(whole)).toEqual([]);
  });

  const podOf = ({ spec }) => spec.template.spec;
  const containerOf = (object) => podOf(object).containers[0];

  /** One break each: the object, what is done to it, and what somebody must say. */
  const breaks = [
    ["Deployment", "coordinator", (it) => delete podOf(it).securityContext.runAsNonRoot, /may run as root/],
    ["Deployment", "coordinator", (it) => delete podOf(it).securityContext.seccompProfile, /no seccomp profile/],
    ["Deployment", "worker-cpu", (it) => (containerOf(it).securityContext.capabilities.drop = []), /does not drop all/],
    [
      "Deployment",
      "worker-cpu",
      (it) => (containerOf(it).securityContext.capabilities.add = ["SYS_ADMIN"]),
      /adds capab/,
    ],
    ["Deployment", "worker-cpu", (it) => (containerOf(it).securityContext.privileged = true), /is privileged/],
    ["StatefulSet", "redis", (it) => delete containerOf(it).securityContext.allowPrivilegeEscalation, /escalation/],
    ["StatefulSet", "postgres", (it) => (containerOf(it).securityContext.runAsUser = 0), /runs as root/],
    ["StatefulSet", "postgres", (it) => (podOf(it).hostNetwork = true), /hostNetwork/],
    [
      "Deployment",
      "worker-cpu",
      (it) => podOf(it).volumes.push({ name: "x", hostPath: { path: "/" } }),
      /of kind hostPath/,
    ],
    ["StatefulSet", "redis", (it) => (containerOf(it).securityContext.readOnlyRootFilesystem = false), /may write/],
    ["Deployment", "coordinator", (it) => delete podOf(it).initContainers[1].resources.limits, /no limit of memory/],
    [
      "Deployment",
      "worker-cpu",
      (it) => (podOf(it).automountServiceAccountToken = true),
      /token of the Kubernetes API/,
    ],
    ["Deployment", "worker-cpu", (it) => (containerOf(it).image = "stride-worker"), /without a version/],
    ["Deployment", "worker-cpu", (it) => (podOf(it).terminationGracePeriodSeconds = 629), /killed after 629 s/],
    [
      "Deployment",
      "worker-cpu",
      (it) => delete it.spec.template.metadata.labels["stride/pool"],
      /does not select its own/,
    ],
    ["PodDisruptionBudget", "coordinator", (it) => (it.spec.selector = { matchLabels: {} }), /selects the pods of/],
    [
      "Service",
      "coordinator",
      (it) => (it.spec.selector["app.kubernetes.io/component"] = "worker"),
      /port grpc is not/,
    ],
    ["NetworkPolicy", "redis", (it) => (it.spec.podSelector.matchLabels = { app: "redis" }), /selects no pod/],
    ["Deployment", "coordinator", (it) => (containerOf(it).livenessProbe.grpc.port = 50053), /asks port 50053/],
    ["Service", "coordinator", (it) => (it.spec.ports[1].targetPort = "metrics"), /port metrics is not there/],
    ["ServiceMonitor", "coordinator", (it) => (it.spec.endpoints[0].port = "metrics"), /that of 0 Services/],
    ["Deployment", "worker-cpu", (it) => (podOf(it).volumes[1].secret.secretName = "gone"), /the Secret gone/],
    ["Deployment", "worker-cpu", (it) => (podOf(it).serviceAccountName = "default"), /no ServiceAccount default/],
    ["Deployment", "worker-cpu", (it) => containerOf(it).volumeMounts.pop(), /nobody mounts/],
    ["StatefulSet", "postgres", (it) => (podOf(it).volumes.at(-1).configMap.name = "gone"), /no ConfigMap gone/],
    [
      "CronJob",
      "backup",
      (it) => (it.spec.jobTemplate.spec.template.spec.volumes[0].persistentVolumeClaim.claimName = "gone"),
      /no claim gone/,
    ],
    ["ScaledObject", "worker-cpu", (it) => (it.spec.scaleTargetRef.name = "gone"), /no Deployment gone/],
    ["ScaledObject", "worker-cpu", (it) => (it.spec.minReplicas = 1), /'"minReplicas"' does not exist/],
    [
      "PrometheusRule",
      undefined,
      (it) => (it.spec.groups[0].rules[0].severity = "info"),
      /'severity' does not exist|"severity"/,
    ],
    ["Deployment", "worker-cpu", (it) => (podOf(it).nodeSelectors = {}), /nodeSelectors: is no field of V1PodSpec/],
    ["Deployment", "coordinator", (it) => (it.spec.replicas = "1"), /replicas must be integer/],
    [
      "Deployment",
      "coordinator",
      (it) => (containerOf(it).env[1].value = 5),
      /value must be string|must be a string, got 5/,
    ],
    [
      "Deployment",
      "coordinator",
      (it) => containerOf(it).env.push({ name: "STRIDE_TOKEN", value: "x" }),
      /STRIDE_TOKEN is not by/,
    ],
    ["ConfigMap", "redis", (it) => (it.data.more = "redis://:hunter2@redis:6379"), /URL with a password/],
    ["ConfigMap", "redis", (it) => (it.kind = "Secret"), /a Secret is rendered/],
    ["ServiceAccount", "worker", (it) => (it.metadata.name = `${fullname}-coordinator`), /is there twice/],
    ["ServiceAccount", "worker", (it) => (it.metadata.name = "Worker"), /is no DNS label/],
  ];

  it.each(breaks)("complain about a broken %s %s: %s", async (kind, part, damage, complaint) => {
    const objects = structuredClone(whole);
    const name = part === undefined ? fullname : `${fullname}-${part}`;
    const object = objects.find((each) => each.kind === kind && each.metadata.name === name);
    damage(object);
    expect((await problemsOf(objects)).join("\n")).toMatch(complaint);
  });
});
