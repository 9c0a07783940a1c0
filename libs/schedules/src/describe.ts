import { ruleOf, type ScheduleSpec } from "./registry.js";
import { describeModule } from "./rules/module.js";

/** One line, for example `greedy (factor 0.5, patience 0)`: the kind and the fields that are not at their defaults. */
export function describeSchedule(spec: ScheduleSpec): string {
  switch (spec.kind) {
    case "warmup": {
      return `warmup (${spec.steps} steps${startOf(spec)}), then ${describeSchedule(spec.schedule)}`;
    }
    case "product":
      return `product (${spec.schedules.map(describeSchedule).join(" × ")})`;
    case "sequence": {
      const parts = spec.schedules.map((part, i) => {
        const end = spec.milestones[i];
        return end === undefined ? describeSchedule(part) : `${describeSchedule(part)} until step ${end}`;
      });
      return `sequence (${parts.join(", then ")})`;
    }
    case "recorded":
      // There may be as many as steps.
      return `recorded (${spec.rates.length} rates${spec.absolute ? ", absolute" : ""})`;
    case "module":
      return describeModule(spec);
    case "policy":
      return `policy ${spec.policy} (${spec.sha256.slice(0, 8)})`;
  }
  const values = Object.entries(spec);
  const presets = new Map(defaultsOf(spec));
  const shown = values
    .filter(([name, value]) => name !== "kind" && value !== presets.get(name))
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(" ") : value}`);
  return shown.length === 0 ? spec.kind : `${spec.kind} (${shown.join(", ")})`;
}

function startOf({ startFraction, shape }: Extract<ScheduleSpec, { readonly kind: "warmup" }>): string {
  if (shape === "constant") return ` at ${startFraction} of it`;
  return startFraction === 0 ? "" : ` from ${startFraction} of it`;
}

/** What parsing would have filled in had only the required fields, and a greedy's variant, been given. */
function defaultsOf(spec: ScheduleSpec): [string, unknown][] {
  const { schema, parameters } = ruleOf(spec);
  const required = new Set([
    "kind",
    "variant",
    ...parameters.filter((each) => each.default === undefined).map((each) => each.name),
  ]);
  const given = Object.entries(spec).filter(([name]) => required.has(name));
  const parsed = schema.parse(Object.fromEntries(given)) as Record<string, unknown>;
  const variant = parameters.find(({ name }) => name === "variant")?.default;
  return Object.entries({ ...parsed, variant }).filter(([name]) => name === "variant" || !required.has(name));
}
