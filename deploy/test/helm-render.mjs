import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { chart, run } from "./helm-binary.mjs";

/** @typedef {Record<string, any>} KubernetesObject */

export const release = "lab";
export const namespace = "research";
export const fullname = "lab-stride";

/** Names of the values files that the chart is tested with. */
export const valuesFiles = readdirSync(join(chart, "ci")).map((file) => basename(file, ".yaml"));

/** @param {string} name */
export const valuesFile = (name) => join(chart, "ci", `${name}.yaml`);

/** Kubernetes reads YAML 1.1, where 0440 is octal. @param {string} text */
export function parseObjects(text) {
  return parseAllDocuments(text, { version: "1.1", schema: "yaml-1.1" }).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const object = document.toJS();
    return object === null ? [] : [object];
  });
}

/** @type {Map<string, Promise<readonly KubernetesObject[]>>} */
const rendered = new Map();

/**
 * What `helm template` makes of a values file of ci/, hooks included.
 * @param {string} name
 */
export function render(name) {
  const objects = rendered.get(name) ?? renderWith(["--values", valuesFile(name)]);
  rendered.set(name, objects);
  return objects;
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<readonly KubernetesObject[]>}
 */
export async function renderWith(args, input = "") {
  const { code, stdout, stderr } = await run(
    "helm",
    ["template", release, chart, "--namespace", namespace, ...args],
    input,
  );
  if (code !== 0) throw new Error(stderr);
  return parseObjects(stdout);
}

/**
 * What helm says to values that it refuses; undefined when it takes them.
 * @param {object} values
 */
export async function refusal(values) {
  const args = ["template", release, chart, "--namespace", namespace, "--values", "-"];
  const { code, stderr } = await run("helm", args, stringify(values));
  return code === 0 ? undefined : stderr;
}
