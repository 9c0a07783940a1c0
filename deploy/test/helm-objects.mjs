/** @typedef {import("./helm-render.mjs").KubernetesObject} KubernetesObject */

/**
 * A pod that an object makes.
 * @typedef {object} Pod
 * @property {string} of kind and name of its owner
 * @property {Record<string, string>} labels
 * @property {Record<string, any>} spec
 * @property {Record<string, string>} annotations
 */

/** @param {KubernetesObject} object */
export const nameOf = ({ kind, metadata }) => `${kind}/${metadata.name}`;

/**
 * @param {readonly KubernetesObject[]} objects
 * @returns {Pod[]}
 */
export function podsOf(objects) {
  return objects.flatMap((object) => {
    const template = object.kind === "CronJob" ? object.spec.jobTemplate.spec.template : object.spec?.template;
    if (template?.spec?.containers === undefined) return [];
    const { labels = {}, annotations = {} } = template.metadata ?? {};
    return [{ of: nameOf(object), labels, annotations, spec: template.spec }];
  });
}

/** @param {Pod} pod */
export const containersOf = ({ spec }) => [...(spec.initContainers ?? []), ...spec.containers];

/**
 * Whether labels fit a label selector; an empty one fits all.
 * @param {{ matchLabels?: Record<string, string>, matchExpressions?: readonly any[] }} selector
 * @param {Record<string, string>} labels
 */
export function fits({ matchLabels = {}, matchExpressions = [] }, labels) {
  const expression = ({ key, operator, values }) => {
    switch (operator) {
      case "In":
        return key in labels && values.includes(labels[key]);
      case "NotIn":
        return !(key in labels && values.includes(labels[key]));
      case "Exists":
        return key in labels;
      case "DoesNotExist":
        return !(key in labels);
      default:
        throw new Error(`operator ${operator} is not known`);
    }
  };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(expression)
  );
}

/**
 * Every string in a value, with its path.
 * @param {unknown} value
 * @param {string} [path]
 * @returns {{ path: string, text: string }[]}
 */
export function textsOf(value, path = "") {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`));
}
