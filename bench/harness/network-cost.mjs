import { taskCost } from "@stride/tasks/spec";

const imageWidth = 28;
const classes = 10;
const characters = 89;
/** Width of the hidden layer of a decoder's block over that of the model. */
const hiddenFactor = 4;

/**
 * Floating-point operations and bytes of one trial's step at the least. A multiply-add counts two. What is no product's is the rest of
 * the task's own count.
 */
export function networkCost(spec) {
  const { flopsPerStep, bytesPerStep } = taskCost(spec);
  const products = spec.batch * (spec.kind === "cnn" ? imageProducts(spec) : windowProducts(spec));
  return { products, elementwise: flopsPerStep - products, bytes: bytesPerStep };
}

/** Of one image: each product forward is two backward, but the images themselves need no gradient. Without groups, pooled by maxima. */
function imageProducts({ channels, kernel }) {
  const convolutions = channels.map(
    (out, i) => kernel ** 2 * (channels[i - 1] ?? 1) * out * Math.floor(imageWidth / 2 ** i) ** 2,
  );
  const classifier = Math.floor(imageWidth / 2 ** channels.length) ** 2 * channels.at(-1) * classes;
  const forward = convolutions.reduce((sum, one) => sum + one, classifier);
  return 2 * (3 * forward - convolutions[0]);
}

/** Of one window: each product forward is two backward. */
function windowProducts({ width, blocks, context }) {
  const weights = blocks * (4 + 2 * hiddenFactor) * width ** 2 + width * characters;
  return 3 * 2 * context * (weights + 2 * blocks * context * width);
}
