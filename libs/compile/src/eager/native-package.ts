/** The last major version of Node that has `util.isNullOrUndefined`, which TensorFlow.js's native packages (4.22) call. */
const newestNode = 22;

export type NativePackage = "@tensorflow/tfjs-node" | "@tensorflow/tfjs-node-gpu";

/** Loads a native backend of TensorFlow.js, which registers itself as `tensorflow`; throws with what is missing. */
export async function loadNative(
  name: NativePackage,
  { node = process.versions.node, load = (specifier: string): Promise<unknown> => import(specifier) } = {},
): Promise<void> {
  if (Number.parseInt(node, 10) > newestNode) {
    throw new Error(
      `${name} runs on Node ${newestNode} or older (util.isNullOrUndefined is gone), and this is ${node}`,
    );
  }
  // Else TensorFlow takes all of the device's memory at once, and nobody else could use it.
  if (name === "@tensorflow/tfjs-node-gpu") process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  try {
    await load(name);
  } catch (cause) {
    throw new Error(isAbsent(cause, name) ? `${name} is not installed` : `${name} does not load: ${firstLine(cause)}`, {
      cause,
    });
  }
}

function isAbsent(error: unknown, name: string): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" && error instanceof Error && error.message.includes(`'${name}'`);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? text;
}
