import { UntraceableError } from "@stride/compile";
import { lineOf, ModuleNotLoaded, NotATask } from "@stride/tasks";

/** Thrown when a user's module cannot be trained with; one message that says why and, where it is known, in which line of it. */
export class ModuleRefused extends Error {
  override readonly name = "ModuleRefused";
}

/** Errors that say all themselves. */
const ours = [UntraceableError, NotATask, ModuleNotLoaded];

/** Why a module is refused, from what it threw in `where`, for example "loss()". */
export function refusalOf(error: unknown, where: string): ModuleRefused {
  if (error instanceof ModuleRefused) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  // TensorFlow.js, of a gradient that there is not.
  if (cause.message.startsWith("Cannot compute gradient")) {
    return new ModuleRefused("loss() must depend on every parameter through operations that have gradients", { cause });
  }
  const line = error instanceof ModuleNotLoaded ? error.line : lineOf(error);
  const at = line === undefined ? "" : ` (line ${line})`;
  const says = ours.some((family) => error instanceof family) || cause.name === "InvalidArgument";
  return new ModuleRefused(`${says ? "" : `${where} throws: `}${cause.message}${at}`, { cause });
}

/** The same function, whose errors become refusals that name it. */
export function named<Arguments extends readonly unknown[], Result>(
  name: string,
  run: (...given: Arguments) => Result,
): (...given: Arguments) => Result {
  return (...given) => {
    try {
      return run(...given);
    } catch (error) {
      throw refusalOf(error, name);
    }
  };
}
