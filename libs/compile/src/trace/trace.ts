import type { Node, Outputs } from "../graph/node.js";
import { currentBackend, tf } from "../tensorflow.js";
import { UntraceableError } from "../untraceable-error.js";
import type { Kernels } from "./kernel.js";
import { convolutionKernels } from "./kernels/convolution.js";
import { elementwiseKernels } from "./kernels/elementwise.js";
import { poolingKernels } from "./kernels/pooling.js";
import { productKernels } from "./kernels/products.js";
import { reductionKernels } from "./kernels/reductions.js";
import { shapeKernels } from "./kernels/shapes.js";
import { randomError, runningOperation } from "./operation-scope.js";
import { sameGraph } from "./same-graph.js";
import { TraceBackend, traceBackendName } from "./trace-backend.js";

const kernels: Kernels = {
  ...convolutionKernels,
  ...elementwiseKernels,
  ...poolingKernels,
  ...productKernels,
  ...reductionKernels,
  ...shapeKernels,
};

/** Turns nodes into tensors that stand for them. */
export type Symbols = (node: Node) => tf.Tensor;

/**
 * Records the graph that `build` computes in plain TensorFlow.js, gradients included. `build` runs twice, and must do the
 * same each time; nothing is computed. Throws `UntraceableError` when it does what no graph can express.
 */
export function trace(build: (symbol: Symbols) => Readonly<Record<string, tf.Tensor>>): Outputs {
  const first = record(build);
  if (!sameGraph(first, record(build))) {
    throw new UntraceableError(
      "loss() or update()",
      "it made other constants when called a second time",
      "Random numbers, counters and clocks would be frozen: pass what changes as data, parameters or slots.",
    );
  }
  return first;
}

function record(build: (symbol: Symbols) => Readonly<Record<string, tf.Tensor>>): Outputs {
  const backend = traceBackend();
  const previous = currentBackend();
  void tf.setBackend(traceBackendName);
  let outputs: Outputs = {};
  let failure: unknown;
  try {
    tf.tidy(() => {
      const built = Object.entries(build((node) => backend.tensor(node)));
      outputs = Object.fromEntries(built.map(([name, tensor]) => [name, backend.node(requireTensor(tensor))]));
    });
  } catch (error) {
    failure = error;
  } finally {
    backend.returnMoved();
    void tf.setBackend(previous);
  }
  const cause = backend.takeFault() ?? failure;
  if (cause !== undefined) throw cause;
  return outputs;
}

function requireTensor(made: tf.Tensor): tf.Tensor {
  if (made instanceof tf.Tensor) return made;
  throw new UntraceableError(
    "loss() or update()",
    `it gave ${made === undefined ? "nothing" : `a ${Object(made).constructor?.name}`} in place of a tensor`,
    "Return tensors: no numbers, arrays or promises.",
  );
}

function traceBackend(): TraceBackend {
  const existing = tf.findBackend(traceBackendName);
  if (existing instanceof TraceBackend) return existing;
  const backend = new TraceBackend();
  // The lowest priority: TensorFlow.js never picks it on its own.
  tf.registerBackend(traceBackendName, () => backend, -1);
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, attrs }) => {
        const nodes = kernel({
          input: (name) => backend.node(inputs[name] as tf.TensorInfo),
          optional: (name) => (inputs[name] == null ? undefined : backend.node(inputs[name])),
          inputs: () => Object.values(inputs).map((tensor) => backend.node(tensor as tf.TensorInfo)),
          attributes: <T>() => attrs as T,
        });
        return Array.isArray(nodes) ? nodes.map((node) => backend.info(node)) : backend.info(nodes as Node);
      },
    });
  }
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (!(kernelName in kernels)) refuse(kernelName);
  }
  return backend;
}

/** Kernels with no counterpart are registered too, so that they are refused with their name and what to do. */
function refuse(kernelName: string): void {
  tf.registerKernel({
    kernelName,
    backendName: traceBackendName,
    kernelFunc: () => {
      if (kernelName === "Multinomial") throw randomError("multinomial");
      throw new UntraceableError(
        runningOperation() ?? kernelName,
        `its kernel ${kernelName} has no counterpart in the compiler`,
        "Write it with other TensorFlow.js operations, or use an executor that does not compile, such as tfjs-cpu.",
      );
    },
  });
}
