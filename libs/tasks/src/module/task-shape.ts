import type { DataSet, Task } from "../task.js";

/** Thrown when what a module's function gives is no task; names the field, what it must be and what came. */
export class NotATask extends TypeError {
  override readonly name = "NotATask";
}

/** What a module gave, as a task. Throws `NotATask`. What its functions return is not looked at: they have not run. */
export function requireTask(made: unknown): Task {
  if (!isRecord(made)) throw new NotATask(`the default export must return a task, and returned ${show(made)}`);
  const { parameters, batchSize, training, evaluation } = made;
  if (!Array.isArray(parameters) || parameters.length === 0) {
    throw new NotATask(`parameters must be a list of { name, shape }, got ${show(parameters)}`);
  }
  parameters.forEach((parameter: unknown, index) => {
    requireNamedShape(`parameters[${index}]`, parameter);
  });
  for (const name of ["init", "loss", "evaluate"] as const) {
    if (typeof made[name] !== "function") throw new NotATask(`${name} must be a function, got ${show(made[name])}`);
  }
  if (made.project !== undefined && typeof made.project !== "function") {
    throw new NotATask(`project must be a function or left out, got ${show(made.project)}`);
  }
  const { size } = requireDataSet("training", training);
  requireDataSet("evaluation", evaluation);
  if (!isCount(batchSize))
    throw new NotATask(`batchSize must be a whole number, 0 without data, got ${show(batchSize)}`);
  if (batchSize > size || (size > 0 && batchSize === 0)) {
    throw new NotATask(`batchSize must be from 1 to training.size, which is ${size}, or both 0, got ${batchSize}`);
  }
  return made as unknown as Task;
}

function requireNamedShape(
  place: string,
  given: unknown,
): { readonly name: string; readonly shape: readonly number[] } {
  const fits =
    isRecord(given) &&
    typeof given.name === "string" &&
    Array.isArray(given.shape) &&
    given.shape.every((extent: unknown) => isCount(extent) && extent > 0);
  if (!fits)
    throw new NotATask(`${place} must be { name, shape } with a shape of whole numbers above 0, got ${show(given)}`);
  return given as { readonly name: string; readonly shape: readonly number[] };
}

function requireDataSet(place: string, given: unknown): DataSet {
  if (!isRecord(given) || !isCount(given.size) || !Array.isArray(given.arrays)) {
    throw new NotATask(
      `${place} must be { size, arrays }, with size 0 and no arrays where there are no data, got ${show(given)}`,
    );
  }
  const { size, arrays } = given;
  arrays.forEach((array: unknown, index) => {
    const at = `${place}.arrays[${index}]`;
    const { shape } = requireNamedShape(at, array);
    const { values } = array as { readonly values: unknown };
    if (!(values instanceof Float32Array || values instanceof Int32Array)) {
      throw new NotATask(`${at}.values must be a Float32Array or an Int32Array, got ${show(values)}`);
    }
    const wanted = shape.reduce((product, extent) => product * extent, size);
    if (values.length !== wanted) {
      throw new NotATask(
        `${at}.values must have size × ${shape.join(" × ") || 1} = ${wanted} numbers, got ${values.length}`,
      );
    }
  });
  if (size > 0 && arrays.length === 0) throw new NotATask(`${place}.arrays must not be empty where size is ${size}`);
  return given as unknown as DataSet;
}

/** The initial parameters that a task's `init` gave. Throws `NotATask` where they do not fit its `parameters`. */
export function requireInitial({ parameters }: Pick<Task, "parameters">, made: unknown): Float32Array[] {
  if (!Array.isArray(made) || made.length !== parameters.length) {
    throw new NotATask(
      `init() must return a list of ${parameters.length} arrays, one a parameter, and returned ${show(made)}`,
    );
  }
  parameters.forEach(({ name, shape }, index) => {
    const values: unknown = made[index];
    const wanted = shape.reduce((product, extent) => product * extent, 1);
    if (!(values instanceof Float32Array) || values.length !== wanted) {
      throw new NotATask(
        `init() must return a Float32Array of ${wanted} numbers for ${name}, and returned ${show(values)}`,
      );
    }
  });
  return made;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** A value in a message, short. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length > 8 ? `a list of ${value.length}` : `[${value.map(show).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${(value as Float32Array).length}`;
  if (typeof value === "object" && value !== null) {
    if (value instanceof Promise) return "a promise";
    const keys = Object.entries(value).map(([key, part]) => `${key}: ${typeof part === "object" ? "…" : show(part)}`);
    return `{ ${keys.slice(0, 6).join(", ")} }`;
  }
  return typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
}
