import { networkModel } from "@stride/compile/onnx";
import { featureLimit } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";

/**
 * A policy as an ONNX model, float32: `features` `[N, F]` as they are before normalisation, to `logits` `[N, A]` of its actions, or
 * to the `mean` `[N, 1]` of a continuous action before tanh. Of double DQN the logits are action values.
 */
export function policyModel({ normalisation, actor, actions }: PolicyDocument): Uint8Array<ArrayBuffer> {
  const output = actions.kind === "discrete" ? "logits" : "mean";
  return networkModel({ normalisation, cutOff: featureLimit, layers: actor, input: "features", output });
}
