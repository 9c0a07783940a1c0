import { featureNames, type PolicyDocument } from "@stride/schedules/spec";

type Layer = PolicyDocument["actor"][number];

/** What does not fit together in a policy, the first fault of each network: `actor[1].weights: …`. */
export function policyShapeFaults(policy: PolicyDocument): string[] {
  const { normalisation, actor, critic, actions, range, sees } = policy;
  const features = featureNames(sees).length;
  const outputs = actions.kind === "discrete" ? actions.factors.length : 1;
  return [
    ...differing("normalisation.mean", normalisation.mean.length, features, "feature"),
    ...differing("normalisation.deviation", normalisation.deviation.length, features, "feature"),
    ...layerFaults("actor", actor, { features, outputs }),
    ...(critic === undefined ? [] : layerFaults("critic", critic, { features, outputs: 1 })),
    ...(range.lowest > range.highest ? ["range.lowest: must not be above range.highest"] : []),
  ];
}

function layerFaults(
  network: string,
  layers: readonly Layer[],
  { features, outputs }: { readonly features: number; readonly outputs: number },
): string[] {
  let width = features;
  for (const [index, { weights, biases }] of layers.entries()) {
    const place = `${network}[${index}]`;
    const last = index === layers.length - 1;
    const faults = [
      ...differing(`${place}.weights`, weights.length, width, "row"),
      ...weights.flatMap((row, i) => differing(`${place}.weights[${i}]`, row.length, biases.length, "number")),
      ...(last ? differing(`${place}.biases`, biases.length, outputs, "number") : []),
    ];
    if (faults.length > 0) return faults.slice(0, 1);
    width = biases.length;
  }
  return [];
}

function differing(place: string, length: number, wanted: number, what: string): string[] {
  return length === wanted ? [] : [`${place}: must have ${wanted} ${what}${wanted === 1 ? "" : "s"}, got ${length}`];
}
