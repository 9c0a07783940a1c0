import { elementwise, matMul, transposeMatrix } from "../../graph/build.js";
import { float, type Node, operation, scalar } from "../../graph/node.js";
import type { tf } from "../../tensorflow.js";
import { UntraceableError } from "../../untraceable-error.js";
import type { Kernels } from "../kernel.js";

function product(a: Node, b: Node, { transposeA, transposeB }: { transposeA: boolean; transposeB: boolean }): Node {
  return matMul(transposeA ? transposeMatrix(a) : a, transposeB ? transposeMatrix(b) : b);
}

const activations: Readonly<Record<string, (x: Node, alpha: number) => Node>> = {
  linear: (x) => x,
  relu: (x) => operation("Relu", [x], { shape: x.shape }),
  elu: (x) => operation("Elu", [x], { shape: x.shape, attributes: { alpha: float(1) } }),
  sigmoid: (x) => operation("Sigmoid", [x], { shape: x.shape }),
  relu6: (x) => operation("Clip", [x, scalar(0), scalar(6)], { shape: x.shape }),
  leakyrelu: (x, alpha) => operation("LeakyRelu", [x], { shape: x.shape, attributes: { alpha: float(alpha) } }),
};

export const productKernels: Kernels = {
  BatchMatMul: (call) => product(call.input("a"), call.input("b"), call.attributes<tf.BatchMatMulAttrs>()),
  _FusedMatMul: (call) => {
    const attributes = call.attributes<tf._FusedMatMulAttrs>();
    const activation = activations[attributes.activation];
    if (activation === undefined) {
      throw new UntraceableError(
        `tf.fused.matMul with ${attributes.activation}`,
        "that activation has no fused form here",
        "Write the product, the sum and the activation as three operations.",
      );
    }
    const bias = call.optional("bias");
    const linear = product(call.input("a"), call.input("b"), attributes);
    return activation(
      bias === undefined ? linear : elementwise("Add", [linear, bias]),
      attributes.leakyreluAlpha ?? 0.2,
    );
  },
};
