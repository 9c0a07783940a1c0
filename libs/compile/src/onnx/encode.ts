import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Attribute, Constant, DType } from "../graph/node.js";

/** An attribute as it goes into the file; a Loop carries its body in one. */
export type OnnxAttribute = Attribute | { readonly kind: "graph"; readonly value: OnnxGraph };

export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A named value; extents of −1 are left open. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly { readonly name: string; readonly constant: Constant }[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const opsetVersion = 17;
const irVersion = 8;

// TensorProto.DataType and AttributeProto.AttributeType of onnx.proto3.
const dataType: Readonly<Record<DType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const attributeType = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

/** An ONNX model file. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 */
export function encodeModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(irVersion);
  writer.tag(2, WireType.LengthDelimited).string("stride");
  message(writer, 7, () => writeGraph(writer, graph));
  message(writer, 8, () => {
    writer.tag(1, WireType.LengthDelimited).string("");
    writer.tag(2, WireType.Varint).int64(opsetVersion);
  });
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, 1, () => writeNode(writer, node));
  writer.tag(2, WireType.LengthDelimited).string(graph.name);
  for (const { name, constant } of graph.initializers) message(writer, 5, () => writeTensor(writer, name, constant));
  for (const value of graph.inputs) message(writer, 11, () => writeValue(writer, value));
  for (const value of graph.outputs) message(writer, 12, () => writeValue(writer, value));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) writer.tag(1, WireType.LengthDelimited).string(name);
  for (const name of node.outputs) writer.tag(2, WireType.LengthDelimited).string(name);
  // The profiler names operations after this.
  writer.tag(3, WireType.LengthDelimited).string(`${node.operator}:${node.outputs[0] ?? ""}`);
  writer.tag(4, WireType.LengthDelimited).string(node.operator);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    message(writer, 5, () => writeAttribute(writer, name, attribute));
  }
}

function writeAttribute(writer: BinaryWriter, name: string, attribute: OnnxAttribute): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (attribute.kind === "float") writer.tag(2, WireType.Bit32).float(attribute.value);
  else if (attribute.kind === "int") writer.tag(3, WireType.Varint).int64(attribute.value);
  else if (attribute.kind === "string") writer.tag(4, WireType.LengthDelimited).string(attribute.value);
  else if (attribute.kind === "graph") message(writer, 6, () => writeGraph(writer, attribute.value));
  else for (const value of attribute.value) writer.tag(8, WireType.Varint).int64(value);
  writer.tag(20, WireType.Varint).int32(attributeType[attribute.kind]);
}

function writeTensor(writer: BinaryWriter, name: string, { dtype, shape, values }: Constant): void {
  for (const extent of shape) writer.tag(1, WireType.Varint).int64(extent);
  writer.tag(2, WireType.Varint).int32(dataType[dtype]);
  writer.tag(8, WireType.LengthDelimited).string(name);
  const raw = dtype === "int64" ? BigInt64Array.from(values as Int32Array, BigInt) : values;
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength));
}

function writeValue(writer: BinaryWriter, { name, dtype, shape }: OnnxValue): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(dataType[dtype]);
      message(writer, 2, () => {
        shape.forEach((extent, axis) => {
          message(writer, 1, () => {
            if (extent >= 0) writer.tag(1, WireType.Varint).int64(extent);
            else writer.tag(2, WireType.LengthDelimited).string(`${name}:${axis}`);
          });
        });
      });
    }),
  );
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}
