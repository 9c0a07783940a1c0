import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { constant, constantOf, float, int, integers, ints, operation, scalar, text } from "../graph/node.js";
import { encodeModel, type OnnxGraph } from "./encode.js";

const x = { name: "x", dtype: "float32", shape: [2] } as const;
const y = { name: "y", dtype: "float32", shape: [2] } as const;
const identity: OnnxGraph = {
  name: "graph",
  nodes: [{ operator: "Identity", inputs: ["x"], outputs: ["y"] }],
  initializers: [],
  inputs: [x],
  outputs: [y],
};

async function open(graph: OnnxGraph): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(encodeModel(graph), { logSeverityLevel: 4 });
}

/** What a graph without inputs computes in its one output. */
async function value(graph: Pick<OnnxGraph, "nodes" | "initializers">, output: OnnxGraph["outputs"][number]) {
  const session = await open({ name: "graph", ...graph, inputs: [], outputs: [output] });
  const read = (await session.run({}))[output.name] as ort.Tensor;
  await session.release();
  return { dims: [...read.dims], values: Array.from(read.data as Float32Array, Number) };
}

describe("an encoded model", () => {
  it("begins as ONNX's description of its format says", () => {
    const bytes = encodeModel({ name: "g", nodes: [], initializers: [], inputs: [], outputs: [] });
    // ir_version 8 · producer_name "stride" · graph { name "g" } · opset_import { domain "", version 17 }
    expect([...bytes]).toEqual([
      ...[0x08, 8],
      ...[0x12, 6, ...Buffer.from("stride")],
      ...[0x3a, 3, 0x12, 1, ...Buffer.from("g")],
      ...[0x42, 4, 0x0a, 0, 0x10, 17],
    ]);
  });

  it("has the inputs and outputs that it names, with open extents", async () => {
    const open0 = { ...x, shape: [-1, 2] };
    const session = await open({ ...identity, inputs: [open0], outputs: [{ ...y, shape: [-1, 2] }] });
    expect([session.inputNames, session.outputNames]).toEqual([["x"], ["y"]]);
    const given = new ort.Tensor("float32", Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
    expect((await session.run({ x: given })).y?.dims).toEqual([3, 2]);
    expect(session.inputMetadata).toMatchObject([{ name: "x", type: "float32", shape: ["x:0", 2] }]);
    await session.release();
  });

  it.each([
    ["a number", scalar(0.1)],
    ["no numbers", constant(new Float32Array(), "float32", [0, 3])],
    ["floats", constantOf([Infinity, -0, 1e-45, Number.NaN], "float32", [2, 2])],
    ["whole numbers", constantOf([-1, 2 ** 31 - 1, -(2 ** 31)], "int32", [3])],
    ["64-bit whole numbers, negative ones too", integers([-1, 0, 2 ** 31 - 1, -(2 ** 31)])],
    ["truths", constantOf([1, 0, 1], "bool", [3, 1])],
    ["part of an array", constant(Float32Array.of(1, 2, 3, 4).subarray(1, 3), "float32", [2])],
  ])("holds constants: %s", async (_, held) => {
    const { dtype, shape } = held;
    const nodes = [{ operator: "Identity", inputs: ["c"], outputs: ["y"] }];
    const read = await value({ nodes, initializers: [{ name: "c", constant: held }] }, { name: "y", dtype, shape });
    expect(read).toEqual({ dims: shape, values: [...held.values] });
  });

  it("holds any float and any whole number", async () => {
    const arrays = fc.tuple(fc.float32Array({ minLength: 1 }), fc.int32Array({ minLength: 1 }));
    await fc.assert(
      fc.asyncProperty(arrays, async ([floats, wholes]) => {
        for (const held of [constant(floats, "float32", [floats.length]), integers([...wholes])]) {
          const nodes = [{ operator: "Identity", inputs: ["c"], outputs: ["y"] }];
          const output = { name: "y", dtype: held.dtype, shape: held.shape };
          expect((await value({ nodes, initializers: [{ name: "c", constant: held }] }, output)).values).toEqual([
            ...held.values,
          ]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["a float", operation("LeakyRelu", [scalar(-2)], { shape: [], attributes: { alpha: float(0.25) } }), [-0.5]],
    ["a negative int", operation("Softmax", [scalar(0)], { shape: [1], attributes: { axis: int(-1) } }), [1]],
    ["ints", operation("Transpose", [scalar(0)], { shape: [3, 1], attributes: { perm: ints([1, 0]) } }), [1, 2, 3]],
    ["a string", operation("Pad", [scalar(0)], { shape: [5], attributes: { mode: text("reflect") } }), [3, 2, 1, 2, 3]],
  ] as const)("passes attributes: %s", async (kind, { operator, attributes, shape }, expected) => {
    const given = {
      "a float": scalar(-2),
      "a negative int": constantOf([5], "float32", [1]),
      ints: constantOf([1, 2, 3], "float32", [1, 3]),
      "a string": constantOf([1, 2, 3], "float32", [3]),
    }[kind];
    const pads = { name: "pads", constant: integers([2, 0]) };
    const inputs = operator === "Pad" ? ["c", "pads"] : ["c"];
    const nodes = [{ operator, attributes, inputs, outputs: ["y"] }];
    const initializers = [{ name: "c", constant: given }, ...(operator === "Pad" ? [pads] : [])];
    expect((await value({ nodes, initializers }, { name: "y", dtype: "float32", shape })).values).toEqual(expected);
  });

  it("passes graphs as attributes: a Scan with its body", async () => {
    const sum = { name: "sum", dtype: "float32", shape: [] } as const;
    const body: OnnxGraph = {
      name: "body",
      nodes: [
        { operator: "Add", inputs: ["before", "item"], outputs: ["sum"] },
        { operator: "Identity", inputs: ["sum"], outputs: ["partial"] },
      ],
      initializers: [],
      inputs: [
        { ...sum, name: "before" },
        { ...sum, name: "item" },
      ],
      outputs: [sum, { ...sum, name: "partial" }],
    };
    const nodes = [
      {
        operator: "Scan",
        inputs: ["zero", "items"],
        outputs: ["total", "sums"],
        attributes: { body: { kind: "graph", value: body }, num_scan_inputs: int(1) },
      },
    ] as const;
    const initializers = [
      { name: "zero", constant: scalar(0) },
      { name: "items", constant: constantOf([1, 2, 3], "float32", [3]) },
    ];
    expect(await value({ nodes, initializers }, { name: "sums", dtype: "float32", shape: [3] })).toEqual({
      dims: [3],
      values: [1, 3, 6],
    });
  });

  it("names operators after what they make, for the profiler", () => {
    expect(Buffer.from(encodeModel(identity)).toString("latin1")).toContain("Identity:y");
  });
});
