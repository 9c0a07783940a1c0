// microbench of single ORT nodes via the repo's graph builder
import { openSession } from "/work/main/libs/compile/src/compiled/session.ts";
import { graphModel } from "/work/main/libs/compile/src/onnx/model.ts";
import * as b from "/work/main/libs/compile/src/graph/build.ts";
import { input, operation, scalar, constantOf } from "/work/main/libs/compile/src/graph/node.ts";
import { createRequire } from "node:module";
const ort = createRequire("/work/main/libs/compile/package.json")("onnxruntime-node");
const size = (s) => s.reduce((a, c) => a * c, 1);
export async function time(name, shapes, build, reps = 8) {
  const xs = shapes.map((s, i) => input(`x${i}`, "float32", s));
  // repeat with different first input to avoid sharing: chain via separate outputs
  const outs = {};
  const ins = [];
  for (let r = 0; r < reps; r++) { const mine = shapes.map((s, i) => input(`x${i}_${r}`, "float32", s)); ins.push(...mine); outs[`y${r}`] = build(...mine); }
  const session = await openSession(graphModel(outs), { provider: "cpu", threads: 1 });
  const feeds = Object.fromEntries(ins.map((n) => [n.name, new ort.Tensor("float32", Float32Array.from({ length: size(n.shape) }, () => Math.random()), n.shape)]));
  const fetched = Object.fromEntries(Object.entries(outs).map(([k, n]) => [k, new ort.Tensor("float32", new Float32Array(size(n.shape)), n.shape)]));
  const ts = [];
  for (let i = 0; i < 60; i++) { const t = performance.now(); await session.run(feeds, fetched); ts.push((performance.now() - t) * 1e3 / reps); }
  ts.sort((a, c) => a - c);
  console.log(name.padEnd(50), ts[6].toFixed(1), ts[30].toFixed(1));
}
const el = (op, ...x) => b.elementwise(op, x);
const T = b.transposeMatrix, M = b.matMul;
await time("copy/overhead Add [1]", [[1]], (x) => el("Add", x, scalar(1)));
for (const s of [[1024], [1024, 1], [1, 1024, 1]]) for (const c of [[], [1], [1, 1], [1, 1, 1]]) await time(`Add [${s}] + [${c}]`, [s], (x) => el("Add", x, constantOf([0.5], "float32", c)), 16);
await time("S^T q: [64,64]^T [64,16]", [[16, 4, 64, 64], [16, 4, 64, 16]], (s, q) => M(T(s), q));
await time("q^T S: [64,16]^T [64,64]", [[16, 4, 64, 64], [16, 4, 64, 16]], (s, q) => M(T(q), s));
await time("qt S: [16,64] [64,64]", [[16, 4, 64, 64], [16, 4, 16, 64]], (s, q) => M(q, s));
await time("S k: [64,64] [64,16]", [[16, 4, 64, 64], [16, 4, 64, 16]], (s, q) => M(s, q));
await time("q k^T", [[16, 4, 64, 16], [16, 4, 64, 16]], (q, k) => M(q, T(k)));
await time("q kt", [[16, 4, 64, 16], [16, 4, 16, 64]], (q, k) => M(q, k));
await time("S kt^T", [[16, 4, 64, 64], [16, 4, 16, 64]], (s, k) => M(s, T(k)));
await time("X^T Y 64 x 256", [[1, 1024, 64], [1, 1024, 256]], (x, y) => M(T(x), y));
await time("X^T Y 64 x 256 2d", [[1024, 64], [1024, 256]], (x, y) => M(T(x), y));
await time("Y^T X 256 x 64", [[1, 1024, 256], [1, 1024, 64]], (x, y) => M(T(x), y));
await time("Xt Y 64x1024 1024x256", [[1, 64, 1024], [1, 1024, 256]], (x, y) => M(x, y));
await time("X W 64 256", [[1, 1024, 64], [1, 64, 256]], (x, y) => M(x, y));
await time("transpose 1024x64", [[1, 1024, 64]], (x) => T(x));
await time("ReduceSumSquare", [[1, 1024, 64]], (x) => b.reduce("ReduceSumSquare", x, [2], true));
await time("ReduceSum", [[1, 1024, 64]], (x) => b.reduce("ReduceSum", x, [2], true));
await time("ReduceL2", [[1, 1024, 64]], (x) => b.reduce("ReduceL2", x, [2], true));
await time("Mul", [[1, 1024, 64]], (x) => el("Mul", x, x));
await time("Softmax", [[16, 4, 64, 64]], (x) => operation("Softmax", [x], { shape: x.shape, attributes: { axis: { kind: "int", value: 3 } } }));
await time("Exp", [[16, 4, 64, 64]], (x) => operation("Exp", [x], { shape: x.shape }));
await time("Mul big", [[16, 4, 64, 64], [16, 4, 64, 64]], (x, y) => el("Mul", x, y));
