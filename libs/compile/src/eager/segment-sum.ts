import { tf } from "../tensorflow.js";

/**
 * TensorFlow.js lacks this kernel for WebAssembly, and its own for plain JavaScript multiplies every row with a mask for every
 * segment, which takes rows × segments and spreads one row's NaN over all of them. This one adds each row to its segment.
 */
export function registerSegmentSum(backendName: string): void {
  if (tf.getKernel(tf.UnsortedSegmentSum, backendName)?.kernelFunc === segmentSum) return;
  if (tf.getKernel(tf.UnsortedSegmentSum, backendName) !== undefined) {
    tf.unregisterKernel(tf.UnsortedSegmentSum, backendName);
  }
  tf.registerKernel({ kernelName: tf.UnsortedSegmentSum, backendName, kernelFunc: segmentSum });
}

const segmentSum: tf.KernelFunc = ({ inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as Record<keyof tf.UnsortedSegmentSumInputs, tf.TensorInfo>;
  const { numSegments } = attrs as unknown as tf.UnsortedSegmentSumAttrs;
  const storage = backend as tf.KernelBackend;
  const rows = storage.readSync(x.dataId) as Float32Array | Int32Array;
  const ids = storage.readSync(segmentIds.dataId) as Int32Array;
  const shape = [numSegments, ...x.shape.slice(segmentIds.shape.length)];
  const width = tf.util.sizeFromShape(shape.slice(1));
  const sums = x.dtype === "int32" ? new Int32Array(numSegments * width) : new Float32Array(numSegments * width);
  ids.forEach((id, row) => {
    // Rows of no segment are dropped, as elsewhere.
    if (id < 0 || id >= numSegments) return;
    for (let i = 0; i < width; i++) {
      sums[id * width + i] = (sums[id * width + i] as number) + (rows[row * width + i] as number);
    }
  });
  return { dataId: storage.write(sums, shape, x.dtype), shape, dtype: x.dtype };
};
