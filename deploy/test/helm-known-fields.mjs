import * as client from "@kubernetes/client-node/dist/gen/models/all.js";
import { nameOf } from "./helm-objects.mjs";

/** @type {Record<string, any>} */
const models = { ...client };
const prefixes = { autoscaling: "V2" };

/**
 * Fields of an object of a core kind that Kubernetes does not know, as paths; undefined for other kinds.
 * @param {import("./helm-objects.mjs").KubernetesObject} object
 * @returns {string[] | undefined}
 */
export function unknownFields(object) {
  const [group] = object.apiVersion.split("/");
  const type = `${prefixes[group] ?? "V1"}${object.kind}`;
  const isCore =
    object.apiVersion === "v1" || ["apps", "batch", "policy", "autoscaling", "networking.k8s.io"].includes(group);
  if (!isCore) return undefined;
  if (models[type] === undefined) return [`${nameOf(object)}: kind is not known`];
  return walk(object, type, nameOf(object));
}

/**
 * @param {any} value
 * @param {string} type as in the generated client: "string", "Array<V1Container>", "{ [key: string]: Quantity; }", "V1PodSpec"
 * @param {string} path
 * @returns {string[]}
 */
function walk(value, type, path) {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path}: must be a list`];
    return value.flatMap((item, index) => walk(item, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  // The generated client takes quantities for text; Kubernetes takes whole numbers, too.
  if (map === "string" && /\.(limits|requests)$/.test(path))
    return walk(value, "{ [key: string]: IntOrString; }", path);
  if (map !== undefined) return Object.entries(value).flatMap(([key, item]) => walk(item, map, `${path}.${key}`));
  const model = models[type];
  if (model === undefined) return scalarProblem(value, type, path);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [`${path}: must be a ${type}, got ${JSON.stringify(value)}`];
  const fields = new Map(model.getAttributeTypeMap().map((field) => [field.baseName, field.type]));
  return Object.entries(value).flatMap(([key, item]) => {
    const of = fields.get(key);
    return of === undefined ? [`${path}.${key}: is no field of ${type}`] : walk(item, of, `${path}.${key}`);
  });
}

/**
 * @param {unknown} value
 * @param {string} type
 * @param {string} path
 */
function scalarProblem(value, type, path) {
  const fit = {
    string: typeof value === "string",
    number: typeof value === "number",
    boolean: typeof value === "boolean",
    IntOrString: ["number", "string"].includes(typeof value),
  }[type];
  return fit === false ? [`${path}: must be a ${type}, got ${JSON.stringify(value)}`] : [];
}
