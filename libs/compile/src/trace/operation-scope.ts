import { tf } from "../tensorflow.js";
import { UntraceableError } from "../untraceable-error.js";

const suffix = "__op";
const random = /^(rand|random\w*|truncatedNormal|multinomial|dropout|stateless\w*)$/;

/** The TensorFlow.js operations that are running, outermost first: the engine opens a scope of that name for each. */
function runningOperations(): string[] {
  const { scopeStack } = tf.engine().state;
  return scopeStack.flatMap(({ name }) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
}

/** The outermost TensorFlow.js operation that is running, as its caller knows it. */
export function runningOperation(): string | undefined {
  return runningOperations()[0];
}

/** Random operations draw their numbers in JavaScript and hand over plain values, which a trace would freeze. */
export function requireReproducible(): void {
  const culprit = runningOperations().find((name) => random.test(name));
  if (culprit !== undefined) throw randomError(culprit);
}

export function randomError(operation: string): UntraceableError {
  return new UntraceableError(
    operation,
    "its random numbers would be drawn once and repeated in every step",
    "Put random numbers into the data set or the initial parameters, from a stream of @stride/random.",
  );
}

/** The same type in a graph; throws for those that no graph has. */
export function graphType(dtype: tf.DataType): "float32" | "int32" | "bool" {
  if (dtype !== "complex64" && dtype !== "string") return dtype;
  throw new UntraceableError(
    runningOperation() ?? "tensor",
    `it makes a tensor of type ${dtype}`,
    "Only float32, int32 and bool tensors can be compiled.",
  );
}
