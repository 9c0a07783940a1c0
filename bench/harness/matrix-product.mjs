import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as ort from "onnxruntime-node";

const float32 = 1;

/** Multiplies square matrices in ONNX Runtime, one thread: the rate that all of a step's products could reach. A unit is one operation. */
export async function matrixProductContender({ name, size }) {
  const session = await ort.InferenceSession.create(productModel(size), {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const matrix = () => new ort.Tensor("float32", new Float32Array(size * size).map(Math.random), [size, size]);
  const [a, b, c] = [matrix(), matrix(), matrix()];
  return {
    name,
    async work() {
      await session.run({ a, b }, { c });
      return 2 * size ** 3;
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** C = A B as an ONNX file. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 */
function productModel(size) {
  const writer = new BinaryWriter();
  const message = (field, write) => {
    writer.tag(field, WireType.LengthDelimited).fork();
    write();
    writer.join();
  };
  const text = (field, value) => writer.tag(field, WireType.LengthDelimited).string(value);
  const number = (field, value) => writer.tag(field, WireType.Varint).int64(value);
  const matrix = (field, name) =>
    message(field, () => {
      text(1, name);
      message(2, () =>
        message(1, () => {
          number(1, float32);
          message(2, () => {
            for (const extent of [size, size]) message(1, () => number(1, extent));
          });
        }),
      );
    });
  number(1, 8);
  message(7, () => {
    message(1, () => {
      for (const name of ["a", "b"]) text(1, name);
      text(2, "c");
      text(4, "MatMul");
    });
    text(2, "product");
    for (const name of ["a", "b"]) matrix(11, name);
    matrix(12, "c");
  });
  message(8, () => {
    text(1, "");
    number(2, 17);
  });
  return writer.finish();
}
