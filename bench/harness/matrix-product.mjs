import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as ort from "onnxruntime-node";

const float32 = 1;

/** Products one after the other in one run, so that what a run costs does not count. */
const chained = 8;

/** Multiplies square matrices in ONNX Runtime, one thread: the rate that all of a step's products could reach. A unit is one operation. */
export async function matrixProductContender({ name, size }) {
  const session = await ort.InferenceSession.create(productsModel(size), {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // As in the executor: ONNX Runtime takes this from the first session of a process, for all of them.
    extra: { session: { set_denormal_as_zero: "1" } },
  });
  // Rows of B sum to one on average, so that the products keep their size.
  const matrix = (scale) =>
    new ort.Tensor(
      "float32",
      Float32Array.from({ length: size * size }, () => scale * Math.random()),
      [size, size],
    );
  const [first, factor, last] = [matrix(1), matrix(2 / size), matrix(0)];
  return {
    name,
    async work() {
      await session.run({ v0: first, factor }, { [`v${chained}`]: last });
      return chained * 2 * size ** 3;
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

/** V ← V B, again and again, as an ONNX file. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 */
function productsModel(size) {
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
    for (let i = 0; i < chained; i++) {
      message(1, () => {
        for (const name of [`v${i}`, "factor"]) text(1, name);
        text(2, `v${i + 1}`);
        text(4, "MatMul");
      });
    }
    text(2, "products");
    for (const name of ["v0", "factor"]) matrix(11, name);
    matrix(12, `v${chained}`);
  });
  message(8, () => {
    text(1, "");
    number(2, 17);
  });
  return writer.finish();
}
