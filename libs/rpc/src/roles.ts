import { LaboratoryServiceService } from "./gen/stride/v1/laboratory.js";
import { WorkerServiceService } from "./gen/stride/v1/worker.js";

/** What a token may do: `read` is part of `submit`, both are part of `admin`; `work` is the worker's service alone. */
export const roles = ["read", "submit", "work", "admin"] as const;
export type Role = (typeof roles)[number];

/** What a call needs; any valid token for `any`, none at all for `open`. */
export type Need = Role | "any" | "open";

const granted: Readonly<Record<Role, readonly Role[]>> = {
  read: ["read"],
  submit: ["read", "submit"],
  work: ["work"],
  admin: roles,
};

/** Whether a token with the role `has` may do what needs `needs`. */
export function allows(has: Role, needs: Need): boolean {
  return needs === "any" || needs === "open" || granted[has].includes(needs);
}

/** A method without an entry does not compile. */
const laboratory = {
  submit: "submit",
  listStudies: "read",
  getStudy: "read",
  setStudyState: "submit",
  retryFailed: "submit",
  listTrials: "read",
  listCurves: "read",
  listWinRates: "read",
  listPolicies: "read",
  getPolicy: "read",
  getAgentProgress: "read",
  diagnose: "read",
  listWorkers: "read",
} as const satisfies Record<keyof typeof LaboratoryServiceService, Role>;

const worker = {
  startAttempt: "work",
  report: "work",
  finishAttempt: "work",
  abandonAttempt: "work",
  finishEpisodes: "work",
  listTrajectories: "work",
  finishUpdate: "work",
  announce: "work",
} as const satisfies Record<keyof typeof WorkerServiceService, Role>;

const pathsOf = <Name extends string>(
  methods: Readonly<Record<Name, { readonly path: string }>>,
  needs: Readonly<Record<Name, Need>>,
) => (Object.keys(needs) as Name[]).map((name) => [methods[name].path, needs[name]] as const);

const needs: ReadonlyMap<string, Need> = new Map<string, Need>([
  ...pathsOf(LaboratoryServiceService, laboratory),
  ...pathsOf(WorkerServiceService, worker),
  // Probes cannot carry a token, and health tells nothing.
  ["/grpc.health.v1.Health/Check", "open"],
  ["/grpc.health.v1.Health/Watch", "open"],
  ["/grpc.health.v1.Health/List", "open"],
  ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "any"],
  ["/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "any"],
]);

/** What a method, by its path, needs; `admin` for one that has no entry. */
export function needOf(path: string): Need {
  return needs.get(path) ?? "admin";
}
