import { sizeOf } from "../../cohort-arrays.js";
import { cast, concat, elementwise, expand, gather, reshape, slice, transpose } from "../../graph/build.js";
import { constantOf, integers, type Node, operation, text } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import type { Kernels } from "../kernel.js";
import { graphType } from "../operation-scope.js";

const typeOf = (dtype: tf.DataType | undefined) => graphType(dtype ?? "float32");
const positiveAxis = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

function pad(x: Node, paddings: readonly (readonly number[])[], mode: "constant" | "reflect", value = 0): Node {
  const pads = integers([...paddings.map((pair) => pair[0] as number), ...paddings.map((pair) => pair[1] as number)]);
  const shape = x.shape.map((extent, i) => extent + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
  const inputs = mode === "constant" ? [x, pads, constantOf([value], x.dtype)] : [x, pads];
  return operation("Pad", inputs, { shape, attributes: { mode: text(mode) } });
}

/** ONNX slices with strides, negative ones too; the bounds of a reversed axis run below its start. */
function stridedSlice(x: Node, begin: readonly number[], end: readonly number[], strides: readonly number[]): Node {
  const shape = begin.map((start, i) => {
    const stride = strides[i] as number;
    return Math.max(0, Math.ceil(((end[i] as number) - start) / stride));
  });
  const ends = end.map((stop) => (stop < 0 ? -(2 ** 31) : stop));
  const axes = integers(begin.map((_, i) => i));
  return operation("Slice", [x, integers(begin), integers(ends), axes, integers(strides)], { shape });
}

function split(x: Node, axis: number, sizes: readonly number[]): Node[] {
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    start += size;
    return slice(x, begin, x.shape.with(axis, size));
  });
}

export const shapeKernels: Kernels = {
  Identity: (call) => call.input("x"),
  Reshape: (call) => {
    const x = call.input("x");
    const { shape } = call.attributes<tf.ReshapeAttrs>();
    return reshape(x, tf.util.inferFromImplicitShape(shape, sizeOf(x.shape)));
  },
  ExpandDims: (call) => {
    const x = call.input("input");
    const { dim } = call.attributes<tf.ExpandDimsAttrs>();
    return reshape(x, x.shape.toSpliced(positiveAxis(dim, x.shape.length + 1), 0, 1));
  },
  Cast: (call) => {
    const x = call.input("x");
    const { dtype } = call.attributes<tf.CastAttrs>();
    return cast(x, typeOf(dtype));
  },
  Transpose: (call) => transpose(call.input("x"), call.attributes<tf.TransposeAttrs>().perm),
  Tile: (call) => {
    const x = call.input("x");
    const { reps } = call.attributes<tf.TileAttrs>();
    const shape = x.shape.map((extent, i) => extent * (reps[i] as number));
    return operation("Tile", [x, integers(reps)], { shape });
  },
  BroadcastTo: (call) => expand(call.input("x"), call.attributes<tf.BroadCastToAttrs>().shape),

  Slice: (call) => {
    const x = call.input("x");
    const { begin, size } = call.attributes<{ begin: number | number[]; size?: number | number[] }>();
    const begins = [begin].flat();
    const sizes = size === undefined ? [] : [size].flat();
    const starts = x.shape.map((_, i) => begins[i] ?? 0);
    const extents = x.shape.map((extent, i) => {
      const given = sizes[i] ?? -1;
      return given < 0 ? extent - (starts[i] as number) : given;
    });
    return slice(x, starts, extents);
  },
  StridedSlice: (call) => {
    const x = call.input("x");
    const a = call.attributes<tf.StridedSliceAttrs>();
    const info = tf.slice_util.sliceInfo(
      [...x.shape],
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
    return reshape(stridedSlice(x, info.begin, info.end, info.strides), info.finalShape);
  },
  Reverse: (call) => {
    const x = call.input("x");
    const axes = tf.util.parseAxisParam(call.attributes<tf.ReverseAttrs>().dims, [...x.shape]);
    const turned = (axis: number) => axes.includes(axis);
    return stridedSlice(
      x,
      x.shape.map((extent, i) => (turned(i) ? extent - 1 : 0)),
      x.shape.map((extent, i) => (turned(i) ? -1 : extent)),
      x.shape.map((_, i) => (turned(i) ? -1 : 1)),
    );
  },
  Concat: (call) => {
    const parts = call.inputs().filter((part) => sizeOf(part.shape) > 0);
    const axis = positiveAxis(call.attributes<tf.ConcatAttrs>().axis, parts[0]?.shape.length ?? 0);
    return concat(parts, axis);
  },
  Pack: (call) => {
    const parts = call.inputs();
    const axis = positiveAxis(call.attributes<tf.PackAttrs>().axis, (parts[0]?.shape.length ?? 0) + 1);
    return concat(
      parts.map((part) => reshape(part, part.shape.toSpliced(axis, 0, 1))),
      axis,
    );
  },
  Unpack: (call) => {
    const x = call.input("value");
    const axis = positiveAxis(call.attributes<tf.UnpackAttrs>().axis, x.shape.length);
    const ones = Array.from({ length: x.shape[axis] as number }, () => 1);
    return split(x, axis, ones).map((part) => reshape(part, part.shape.toSpliced(axis, 1)));
  },
  SplitV: (call) => {
    const x = call.input("x");
    const { numOrSizeSplits, axis } = call.attributes<tf.SplitVAttrs>();
    const along = positiveAxis(axis, x.shape.length);
    return split(
      x,
      along,
      tf.backend_util.prepareSplitSize({ shape: [...x.shape] } as tf.Tensor, numOrSizeSplits, along),
    );
  },
  PadV2: (call) => {
    const { paddings, constantValue } = call.attributes<tf.PadV2Attrs>();
    return pad(call.input("x"), paddings, "constant", constantValue);
  },
  MirrorPad: (call) => {
    const { paddings, mode } = call.attributes<tf.MirrorPadAttrs>();
    const x = call.input("x");
    if (mode === "reflect") return pad(x, paddings, "reflect");
    // Symmetric padding repeats the edge too, which opset 17 lacks: the turned edges are put on axis by axis.
    return paddings.reduce((padded: Node, pair, axis) => symmetric(padded, axis, pair[0], pair[1]), x);
  },

  Fill: (call) => {
    const { shape, value, dtype } = call.attributes<tf.FillAttrs>();
    return expand(constantOf([value as number], typeOf(dtype), []), shape);
  },
  Range: (call) => {
    const { start, stop, step: given, dtype } = call.attributes<tf.RangeAttrs>();
    // A step of 1, the default, means downwards where the stop lies below.
    const step = stop < start && given === 1 ? -1 : given;
    const size = Math.max(0, Math.ceil((stop - start) / step));
    return constantOf(
      Array.from({ length: size }, (_, i) => start + i * step),
      typeOf(dtype),
      [size],
    );
  },
  LinSpace: (call) => {
    const { start, stop, num } = call.attributes<tf.LinSpaceAttrs>();
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    return constantOf(
      Array.from({ length: num }, (_, i) => start + i * step),
      "float32",
      [num],
    );
  },
  OneHot: (call) => {
    const indices = call.input("indices");
    const { depth, onValue, offValue, dtype: wanted } = call.attributes<tf.OneHotAttrs>();
    const dtype = typeOf(wanted);
    const classes = constantOf(
      Array.from({ length: depth }, (_, i) => i),
      "int32",
      [depth],
    );
    const hit = elementwise("Equal", [reshape(indices, [...indices.shape, 1]), classes], "bool");
    if (onValue === 1 && offValue === 0) return cast(hit, dtype);
    return elementwise("Where", [hit, constantOf([onValue], dtype), constantOf([offValue], dtype)], dtype);
  },

  GatherV2: (call) => {
    const [x, indices] = [call.input("x"), call.input("indices")];
    const { axis, batchDims } = call.attributes<tf.GatherV2Attrs>();
    if (batchDims !== 0) return batchGather(x, indices, positiveAxis(axis, x.shape.length), batchDims);
    return gather(x, indices, positiveAxis(axis, x.shape.length));
  },
  GatherNd: (call) => {
    const [x, indices] = [call.input("params"), call.input("indices")];
    const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(indices.shape.at(-1) as number)];
    return operation("GatherND", [x, cast(indices, "int64")], { shape });
  },
};

function symmetric(x: Node, axis: number, before: number, after: number): Node {
  const extent = x.shape[axis] as number;
  const edge = (from: number, count: number) =>
    stridedSlice(
      x,
      x.shape.map((_, i) => (i === axis ? from : 0)),
      x.shape.map((size, i) => (i === axis ? from - count : size)),
      x.shape.map((_, i) => (i === axis ? -1 : 1)),
    );
  const parts = [before > 0 ? edge(before - 1, before) : undefined, x, after > 0 ? edge(extent - 1, after) : undefined];
  return concat(
    parts.filter((part) => part !== undefined),
    axis,
  );
}

/** Gathers with leading axes in common: those become part of the index into one long axis. */
function batchGather(x: Node, indices: Node, axis: number, batchDims: number): Node {
  if (axis !== batchDims) return perBatch(x, indices, axis, batchDims);
  const batch = sizeOf(x.shape.slice(0, batchDims));
  const extent = x.shape[axis] as number;
  const rest = x.shape.slice(axis + 1);
  const offsets = constantOf(
    Array.from({ length: batch }, (_, i) => i * extent),
    "int32",
    [batch, 1],
  );
  const flat = elementwise("Add", [reshape(indices, [batch, sizeOf(indices.shape) / batch]), offsets]);
  return reshape(gather(reshape(x, [batch * extent, ...rest]), flat, 0), [...indices.shape, ...rest]);
}

/** The axis does not follow the common ones directly: it is moved there and back. */
function perBatch(x: Node, indices: Node, axis: number, batchDims: number): Node {
  const axes = x.shape.map((_, i) => i);
  const front = [...axes.slice(0, batchDims), axis, ...axes.slice(batchDims).filter((i) => i !== axis)];
  const gathered = batchGather(transpose(x, front), indices, batchDims, batchDims);
  const added = indices.shape.length - batchDims;
  const between = axis - batchDims;
  const all = gathered.shape.map((_, i) => i);
  const back = [
    ...all.slice(0, batchDims),
    ...all.slice(batchDims + added, batchDims + added + between),
    ...all.slice(batchDims, batchDims + added),
    ...all.slice(batchDims + added + between),
  ];
  return transpose(gathered, back);
}
