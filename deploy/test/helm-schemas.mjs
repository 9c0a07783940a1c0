import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as keda from "@kubernetes-models/keda/keda.sh/v1alpha1";
import * as monitoring from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as apps from "kubernetes-models/apps/v1";
import * as autoscaling from "kubernetes-models/autoscaling/v2";
import * as batch from "kubernetes-models/batch/v1";
import * as networking from "kubernetes-models/networking.k8s.io/v1";
import * as policy from "kubernetes-models/policy/v1";
import * as core from "kubernetes-models/v1";
import { cache, root } from "./helm-binary.mjs";
import { nameOf } from "./helm-objects.mjs";

/** Schemas by apiVersion, and the module that holds them. */
const groups = {
  v1: core,
  "apps/v1": apps,
  "batch/v1": batch,
  "policy/v1": policy,
  "autoscaling/v2": autoscaling,
  "networking.k8s.io/v1": networking,
  "keda.sh/v1alpha1": keda,
  "monitoring.coreos.com/v1": monitoring,
};

/** Custom resources: their schemas allow fields that they do not name, their TypeScript types do not. */
const customModules = {
  "keda.sh/v1alpha1": "@kubernetes-models/keda/keda.sh/v1alpha1",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
};

/**
 * What in an object its published schema refuses.
 * @param {import("./helm-objects.mjs").KubernetesObject} object
 * @returns {string[]}
 */
export function schemaProblems(object) {
  if (object.apiVersion === "cert-manager.io/v1") return certificateProblems(object);
  const Model = groups[object.apiVersion]?.[object.kind];
  if (Model === undefined) return [`${nameOf(object)}: no schema for ${object.apiVersion} ${object.kind}`];
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return [`${nameOf(object)}: ${error.message}`];
  }
}

/** No package publishes cert-manager's schemas: these are the fields that the chart may use, from its documentation. */
const certificateFields = {
  secretName: "string",
  duration: "string",
  renewBefore: "string",
  commonName: "string",
  dnsNames: "object",
  usages: "object",
  privateKey: "object",
  issuerRef: "object",
};
const usages = ["digital signature", "key encipherment", "server auth", "client auth"];

function certificateProblems(object) {
  const problems = [];
  if (object.kind !== "Certificate") problems.push(`kind ${object.kind} is not known`);
  for (const [field, value] of Object.entries(object.spec)) {
    if (certificateFields[field] !== typeof value)
      problems.push(`spec.${field} is not known, or no ${certificateFields[field]}`);
  }
  for (const field of ["secretName", "issuerRef"])
    if (object.spec[field] === undefined) problems.push(`spec.${field} is missing`);
  if (!object.spec.commonName && !object.spec.dnsNames?.length) problems.push("spec names nobody");
  for (const usage of object.spec.usages ?? [])
    if (!usages.includes(usage)) problems.push(`usage ${usage} is not known`);
  return problems.map((problem) => `${nameOf(object)}: ${problem}`);
}

/** @type {Map<string, Promise<string[]>>} */
const compiled = new Map();

/**
 * What the compiler says to custom resources as object literals of their types: it refuses fields that a type does not have.
 * @param {readonly import("./helm-objects.mjs").KubernetesObject[]} objects
 * @returns {Promise<string[]>}
 */
export async function customFieldProblems(objects) {
  const custom = objects.filter(({ apiVersion }) => apiVersion in customModules);
  if (custom.length === 0) return [];
  const key = JSON.stringify(custom);
  const problems = compiled.get(key) ?? compile(custom);
  compiled.set(key, problems);
  return problems;
}

/**
 * @param {readonly import("./helm-objects.mjs").KubernetesObject[]} custom
 * @returns {Promise<string[]>}
 */
async function compile(custom) {
  const lines = custom.map(({ apiVersion, kind, ...rest }, index) => {
    const type = `import(${JSON.stringify(customModules[apiVersion])}).I${kind}`;
    return `export const object${index}: ${type} = ${JSON.stringify({ apiVersion, kind, ...rest })};`;
  });
  const folder = join(cache, `types-${process.pid}-${Math.random().toString(36).slice(2)}`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(join(folder, "objects.ts"), lines.join("\n"));
    const args = [
      join(root, "node_modules/typescript/bin/tsc"),
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "--ignoreConfig",
    ];
    args.push("--types", "", "--target", "es2022", "--module", "nodenext", join(folder, "objects.ts"));
    const { failed, output } = await new Promise((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) =>
        resolve({ failed: error !== null, output: stdout + stderr }),
      );
    });
    if (!failed) return [];
    return output
      .trim()
      .split("\n")
      .map((line) => line.replace(/^.*objects\.ts\((\d+),\d+\)/, (_, at) => nameOf(custom[at - 1])));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
