import { containersOf, fits, nameOf, podsOf, textsOf } from "./helm-objects.mjs";
import { restrictedProblems } from "./helm-pod-security.mjs";

/** @typedef {import("./helm-objects.mjs").KubernetesObject} KubernetesObject */

/** Every pod keeps to the profile "restricted". @param {readonly KubernetesObject[]} objects */
export const podSecurityProblems = (objects) => podsOf(objects).flatMap(restrictedProblems);

/**
 * Containers say what they need and may take, and cannot change their image's files; pods get no token of the Kubernetes API.
 * @param {readonly KubernetesObject[]} objects
 */
export function containerProblems(objects) {
  return podsOf(objects).flatMap((pod) => {
    const ofPod =
      pod.spec.automountServiceAccountToken === false ? [] : [`${pod.of}: mounts a token of the Kubernetes API`];
    const ofContainers = containersOf(pod).flatMap(({ name, resources = {}, securityContext = {}, image }) => {
      const { requests = {}, limits = {} } = resources;
      return [
        !(requests.cpu && requests.memory) && "requests no CPU or no memory",
        !limits.memory && "has no limit of memory",
        securityContext.readOnlyRootFilesystem !== true && "may write to its image's files",
        !/[:@]/.test(image ?? "") && "has an image without a version",
      ]
        .filter((problem) => problem)
        .map((problem) => `${pod.of} ${name}: ${problem}`);
    });
    return [...ofPod, ...ofContainers];
  });
}

/**
 * Each selector selects pods of the release, those meant and no others; and no pod belongs to two controllers.
 * @param {readonly KubernetesObject[]} objects
 */
export function selectorProblems(objects) {
  const pods = podsOf(objects);
  const problems = [];
  for (const object of objects) {
    const { kind, spec } = object;
    const selector = kind === "Service" ? { matchLabels: spec.selector } : (spec?.selector ?? spec?.podSelector);
    if (selector === undefined || kind === "ServiceMonitor") continue;
    const selected = pods.filter(({ labels }) => fits(selector, labels)).map(({ of }) => of);
    if (selected.length === 0) problems.push(`${nameOf(object)}: selects no pod`);
    const single = ["Deployment", "StatefulSet", "Service", "PodDisruptionBudget"].includes(kind);
    if (single && selected.length > 1)
      problems.push(`${nameOf(object)}: selects the pods of ${selected.join(" and ")}`);
    if (["Deployment", "StatefulSet"].includes(kind) && !selected.includes(nameOf(object))) {
      problems.push(`${nameOf(object)}: does not select its own pods`);
    }
    for (const { topologyKey, labelSelector } of spec.template?.spec?.topologySpreadConstraints ?? []) {
      const spread = pods.filter(({ labels }) => fits(labelSelector, labels)).map(({ of }) => of);
      if (spread.join() !== nameOf(object)) problems.push(`${nameOf(object)}: spreads ${spread} over ${topologyKey}`);
    }
  }
  return problems;
}

/**
 * The ports that Services, probes, monitors and hooks name are ports of the containers behind them.
 * @param {readonly KubernetesObject[]} objects
 */
export function portProblems(objects) {
  const pods = podsOf(objects);
  const problems = [];
  const has = (ports, port) => ports.some(({ name, containerPort }) => port === name || port === containerPort);
  for (const pod of pods) {
    for (const container of containersOf(pod)) {
      for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"]) {
        const probe = container[kind] ?? {};
        const port = (probe.grpc ?? probe.tcpSocket ?? probe.httpGet)?.port;
        if (port !== undefined && !has(container.ports ?? [], port))
          problems.push(`${pod.of} ${container.name}: ${kind} asks port ${port}`);
      }
    }
  }
  const services = objects.filter(({ kind }) => kind === "Service");
  for (const service of services) {
    const behind = pods.filter(({ labels }) => fits({ matchLabels: service.spec.selector }, labels));
    const ports = behind.flatMap(({ spec }) => spec.containers.flatMap(({ ports = [] }) => ports));
    for (const { targetPort, port } of service.spec.ports) {
      if (!has(ports, targetPort ?? port)) problems.push(`${nameOf(service)}: port ${targetPort ?? port} is not there`);
    }
  }
  for (const monitor of objects.filter(({ kind }) => kind === "ServiceMonitor")) {
    const watched = services.filter(({ metadata }) => fits(monitor.spec.selector, metadata.labels));
    for (const { port } of monitor.spec.endpoints) {
      const found = watched.filter(({ spec }) => spec.ports.some(({ name }) => name === port));
      if (found.length !== 1) problems.push(`${nameOf(monitor)}: port ${port} is that of ${found.length} Services`);
    }
  }
  return problems;
}

/**
 * Every object that a pod, trigger or monitor names is in the release, or among `known`; and keys of a ConfigMap that are
 * started as files are in it. Secrets are never in the release.
 * @param {readonly KubernetesObject[]} objects
 * @param {ReadonlySet<string>} known names of Secrets and claims that the values name
 */
export function referenceProblems(objects, known) {
  const names = (kind) =>
    new Set(objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name));
  const [configMaps, accounts, claims] = ["ConfigMap", "ServiceAccount", "PersistentVolumeClaim"].map(names);
  const issued = new Set(objects.filter(({ kind }) => kind === "Certificate").map(({ spec }) => spec.secretName));
  const problems = secretNames(objects)
    .filter(({ name }) => !issued.has(name) && !known.has(name))
    .map(({ of, name }) => `${of}: nobody makes or names the Secret ${name}`);
  for (const { of, spec } of podsOf(objects)) {
    if (!accounts.has(spec.serviceAccountName))
      problems.push(`${of}: there is no ServiceAccount ${spec.serviceAccountName}`);
    const mountable = new Set((spec.volumes ?? []).map(({ name }) => name));
    const owner = objects.find((object) => nameOf(object) === of);
    for (const { metadata } of owner?.spec.volumeClaimTemplates ?? []) mountable.add(metadata.name);
    for (const { configMap, persistentVolumeClaim: claim, name } of spec.volumes ?? []) {
      if (configMap !== undefined && !configMaps.has(configMap.name))
        problems.push(`${of}: there is no ConfigMap ${configMap.name} (${name})`);
      if (claim !== undefined && !claims.has(claim.claimName) && !known.has(claim.claimName)) {
        problems.push(`${of}: there is no claim ${claim.claimName}`);
      }
    }
    const containers = [...(spec.initContainers ?? []), ...spec.containers];
    const mounted = new Set(containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)));
    for (const name of mounted) if (!mountable.has(name)) problems.push(`${of}: mounts ${name}, which is no volume`);
    for (const name of mountable) if (!mounted.has(name)) problems.push(`${of}: nobody mounts the volume ${name}`);
  }
  for (const object of objects) {
    const target = object.spec?.scaleTargetRef;
    if (target !== undefined && !names(target.kind).has(target.name))
      problems.push(`${nameOf(object)}: there is no ${target.kind} ${target.name}`);
    for (const { authenticationRef } of object.kind === "ScaledObject" ? object.spec.triggers : []) {
      if (!names("TriggerAuthentication").has(authenticationRef.name))
        problems.push(`${nameOf(object)}: there is no ${authenticationRef.name}`);
    }
  }
  return problems;
}

/**
 * Every Secret that objects name, and who names it.
 * @param {readonly KubernetesObject[]} objects
 */
export function secretNames(objects) {
  const found = [];
  const look = (value, of) => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (["secretKeyRef", "secretRef"].includes(key)) found.push({ of, name: inner.name });
      if (key === "secret") found.push({ of, name: inner.secretName ?? inner.name });
      if (key === "imagePullSecrets") found.push(...inner.map(({ name }) => ({ of, name })));
      if (key === "secretTargetRef") found.push(...inner.map(({ name }) => ({ of, name })));
      look(inner, of);
    }
  };
  for (const object of objects) look(object.spec, nameOf(object));
  return found;
}

/**
 * A worker is killed no sooner than 30 s after it has stopped draining.
 * @param {readonly KubernetesObject[]} objects
 */
export function graceProblems(objects) {
  return podsOf(objects).flatMap(({ of, spec }) =>
    spec.containers.flatMap(({ env = [] }) => {
      const drain = env.find(({ name }) => name === "STRIDE_DRAIN_SECONDS");
      const grace = spec.terminationGracePeriodSeconds ?? 30;
      if (drain === undefined || grace >= Number(drain.value) + 30) return [];
      return [`${of}: is killed after ${grace} s and drains for ${drain.value} s`];
    }),
  );
}

const secretVariables = /(_URL|TOKEN|PASSWORD|SECRET)$/;

/**
 * No Secret, no password and no token is in what is rendered: secrets come by reference alone.
 * @param {readonly KubernetesObject[]} objects
 */
export function secretProblems(objects) {
  const problems = objects
    .filter(({ kind }) => kind === "Secret")
    .map((object) => `${nameOf(object)}: a Secret is rendered`);
  for (const pod of podsOf(objects)) {
    for (const { name: container, env = [] } of containersOf(pod)) {
      for (const { name, valueFrom } of env) {
        if (secretVariables.test(name) && valueFrom?.secretKeyRef === undefined) {
          problems.push(`${pod.of} ${container}: ${name} is not by secretKeyRef`);
        }
      }
    }
  }
  for (const object of objects) {
    for (const { path, text } of textsOf(object)) {
      if (/\w:\/\/[^\s/@:]*:[^\s/@]+@/.test(text))
        problems.push(`${nameOf(object)}${path}: holds a URL with a password`);
      if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) problems.push(`${nameOf(object)}${path}: holds a private key`);
    }
  }
  return problems;
}

/** Names are what a label and a DNS name can hold, and no two objects have the same. @param {readonly KubernetesObject[]} objects */
export function nameProblems(objects) {
  const seen = new Set();
  return objects.flatMap((object) => {
    const name = nameOf(object);
    const problems = [];
    if (seen.has(name)) problems.push(`${name}: is there twice`);
    seen.add(name);
    const longest = object.kind === "CronJob" ? 52 : 63;
    if (object.metadata.name.length > longest) problems.push(`${name}: is longer than ${longest}`);
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(object.metadata.name)) problems.push(`${name}: is no DNS label`);
    for (const [key, value] of Object.entries(object.metadata.labels ?? {})) {
      if (!/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value))
        problems.push(`${name}: label ${key} cannot be ${value}`);
    }
    return problems;
  });
}

/** The laws that need nothing but the rendered objects. */
export const chartLaws = [
  { name: "restricted pods", problems: podSecurityProblems },
  { name: "containers", problems: containerProblems },
  { name: "selectors", problems: selectorProblems },
  { name: "ports", problems: portProblems },
  { name: "grace", problems: graceProblems },
  { name: "secrets", problems: secretProblems },
  { name: "names", problems: nameProblems },
];
