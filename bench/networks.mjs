/** A compiled step of the convolutional network and of the decoder against the same TensorFlow.js code run eagerly, one thread each. */
import { entry } from "./harness/entry.mjs";
import { matrixProductContender } from "./harness/matrix-product.mjs";
import { networkCost } from "./harness/network-cost.mjs";
import { compiledContenders, eagerContender, networks, segment, trainingOf } from "./harness/networks.mjs";
import { withResources } from "./harness/resources.mjs";
import { fastest, interleave, median, ratioOfRounds } from "./harness/rounds.mjs";
import { requireFinite } from "./harness/training.mjs";

const product = "512³ products";

export async function measure({ quick, report }) {
  for (const network of networks) await withResources((use) => measureNetwork(network, { quick, report, use }));
}

async function measureNetwork(network, { quick, report, use }) {
  const { spec, common } = await trainingOf(network, quick);
  const products512 = await use(matrixProductContender({ name: product, size: 512 }));
  const eager = await eagerContender(common, use);
  const stacked = await compiledContenders(common, use);
  // An eager step takes longer than a round of the others: a round of it is then one step.
  const rates = await interleave(
    [products512, eager, ...stacked],
    quick ? { rounds: 3, milliseconds: 50 } : { rounds: 9, milliseconds: 700 },
  );
  requireFinite([eager, ...stacked]);

  const names = stacked.map((contender) => contender.name);
  const best = fastest(rates, names);
  const { products, elementwise, bytes } = networkCost(spec);
  report(
    entry({
      name: `${network.name}, compiled against eager`,
      measures: `${describe(spec)}, batch ${spec.batch}, SGD; segments of ${segment} steps at the best cohort width, one thread`,
      value: median(rates.get(best)),
      unit: "trial-steps/s",
      baseline: { name: eager.name, value: median(rates.get(eager.name)) },
      ratio: ratioOfRounds(rates.get(best), rates.get(eager.name)),
      floor: { "products' operations": products, "other operations": elementwise, bytes },
      details: { best, ...Object.fromEntries(names.map((name) => [name, median(rates.get(name))])) },
    }),
  );
  const reached = rates.get(best).map((rate) => rate * products);
  report(
    entry({
      name: `${network.name}, share of the product rate`,
      measures: "operations a second of the step's products against those of plain 512³ products, one thread",
      value: median(reached) / 1e9,
      unit: "GFLOP/s",
      baseline: { name: product, value: median(rates.get(product)) / 1e9 },
      ratio: ratioOfRounds(reached, rates.get(product)),
    }),
  );
}

function describe(spec) {
  if (spec.kind === "cnn") {
    return `1→${spec.channels.join("→")} channels, ${spec.kernel} × ${spec.kernel} filters, 28 × 28 pixels`;
  }
  return `width ${spec.width}, ${spec.heads} heads, ${spec.blocks} blocks, ${spec.context} characters`;
}
