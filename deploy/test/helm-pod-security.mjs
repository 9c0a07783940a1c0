import { containersOf } from "./helm-objects.mjs";

/** Volumes that the profile "restricted" of the Pod Security Standards allows. */
const volumeKinds = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const addable = ["NET_BIND_SERVICE"];

/**
 * What in a pod the profile "restricted" (and "baseline" below it) refuses.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/
 * @param {import("./helm-objects.mjs").Pod} pod
 * @returns {string[]}
 */
export function restrictedProblems(pod) {
  const { spec, of } = pod;
  const security = spec.securityContext ?? {};
  const problems = [];
  for (const field of ["hostNetwork", "hostPID", "hostIPC"]) if (spec[field]) problems.push(`${of}: ${field}`);
  if (security.runAsUser === 0) problems.push(`${of}: runs as root`);
  if (security.sysctls?.length) problems.push(`${of}: sysctls`);
  for (const { name, ...kind } of spec.volumes ?? []) {
    const found = Object.keys(kind);
    if (found.length !== 1 || !volumeKinds.includes(found[0]))
      problems.push(`${of}: volume ${name} is of kind ${found}`);
  }
  for (const container of containersOf(pod))
    problems.push(...containerProblems(container, security, `${of} ${container.name}`));
  return problems;
}

/**
 * @param {Record<string, any>} container
 * @param {Record<string, any>} ofPod
 * @param {string} place
 */
function containerProblems({ securityContext: own = {}, ports = [] }, ofPod, place) {
  const [nonRoot, user, seccomp] = ["runAsNonRoot", "runAsUser", "seccompProfile"].map(
    (field) => own[field] ?? ofPod[field],
  );
  const { drop = [], add = [] } = own.capabilities ?? {};
  return [
    own.privileged && "is privileged",
    own.allowPrivilegeEscalation !== false && "allows privilege escalation",
    nonRoot !== true && "may run as root (runAsNonRoot)",
    user === 0 && "runs as root",
    !["RuntimeDefault", "Localhost"].includes(seccomp?.type) && "has no seccomp profile",
    !drop.includes("ALL") && "does not drop all capabilities",
    add.some((name) => !addable.includes(name)) && `adds capabilities ${add}`,
    ports.some(({ hostPort }) => hostPort) && "takes a port of the host",
    own.procMount !== undefined && own.procMount !== "Default" && "unmasks /proc",
  ]
    .filter((problem) => problem)
    .map((problem) => `${place}: ${problem}`);
}
