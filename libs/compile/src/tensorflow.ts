import * as tf from "@tensorflow/tfjs";

// Production mode keeps TensorFlow.js from advertising its native package on the console.
tf.enableProdMode();

/** The backend that is set; where none is yet, the one in plain JavaScript, which is there without being started. */
export function currentBackend(): string {
  return tf.engine().backendName || "cpu";
}

/**
 * Runs `work` inside a tidy with `backend` as TensorFlow.js's backend, which must be initialised, and then puts back the
 * one that was set before.
 */
export function onBackend<T extends tf.TensorContainer>(backend: string, work: () => T): T {
  const previous = currentBackend();
  if (tf.engine().backendName === backend) return tf.tidy(work);
  // An initialised backend is set before the returned promise is; only a first use would have to be awaited.
  void tf.setBackend(backend);
  try {
    return tf.tidy(work);
  } finally {
    void tf.setBackend(previous);
  }
}

export { tf };
