import { expand } from "../graph/build.js";
import { type Constant, constant, type DType, type Node, scalar } from "../graph/node.js";
import { tf } from "../tensorflow.js";
import { UntraceableError } from "../untraceable-error.js";
import { requireReproducible, runningOperation } from "./operation-scope.js";

export const traceBackendName = "stride-trace";

interface Entry {
  readonly node: Node;
  /** Of a tensor that was given by value. */
  readonly values?: tf.BackendValues;
  references: number;
}

/** Stands in for a device: its tensors have no values, only the node of the graph that would compute them. */
export class TraceBackend extends tf.KernelBackend {
  readonly #entries = new Map<object, Entry>();
  #moved: object[] = [];

  /** A tensor for `node`, which belongs to the engine's current scope. */
  tensor(node: Node): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.info(node));
  }

  /** What a kernel returns for `node`. */
  info(node: Node): tf.TensorInfo {
    const dataId = {};
    this.#entries.set(dataId, { node, references: 1 });
    return { dataId, shape: [...node.shape], dtype: tensorType(node.dtype) };
  }

  node({ dataId }: tf.TensorInfo): Node {
    return this.#entry(dataId).node;
  }

  #entry(dataId: object): Entry {
    // A tensor of another backend, made before the trace: the engine moves its values here.
    if (!this.#entries.has(dataId)) tf.engine().moveData(this, dataId);
    return this.#entries.get(dataId) as Entry;
  }

  /** Gives tensors that were made elsewhere back to `backend`. */
  returnMoved(backend: tf.KernelBackend | undefined): void {
    for (const dataId of this.#moved) if (backend !== undefined) tf.engine().moveData(backend, dataId);
    this.#moved = [];
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
    requireReproducible();
    const dataId = {};
    this.#entries.set(dataId, { node: constantNode(values, shape, dtype), values, references: 1 });
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    this.#entries.set(dataId, { node: constantNode(values, shape, dtype), values, references });
    this.#moved.push(dataId);
  }

  override readSync(dataId: object): tf.BackendValues {
    const { values } = this.#entry(dataId);
    if (values !== undefined) return values;
    throw new UntraceableError(
      runningOperation() ?? "dataSync",
      "it reads a value that is known only when the program runs",
      "Stay with tensors: tf.where for a choice, tf.max or tf.sum for a summary; decide on values outside of loss() and update().",
    );
  }

  override async read(dataId: object): Promise<tf.BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.#entries.get(dataId);
    if (entry !== undefined) {
      entry.references--;
      if (!force && entry.references > 0) return false;
      this.#entries.delete(dataId);
    }
    return true;
  }

  override incRef(dataId: object): void {
    this.#entry(dataId).references++;
  }

  decRef(dataId: object): void {
    this.#entry(dataId).references--;
  }

  override refCount(dataId: object): number {
    return this.#entries.get(dataId)?.references ?? 0;
  }

  override numDataIds(): number {
    return this.#entries.size;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override memory() {
    return { unreliable: true, reasons: ["tensors of a trace have no values"] };
  }

  override epsilon(): number {
    return 1e-7;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override dispose(): void {
    this.#entries.clear();
  }
}

function tensorType(dtype: DType): tf.DataType {
  return dtype === "int64" ? "int32" : dtype;
}

/** Tensors that hold one value all over become that value, repeated. */
function constantNode(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Node {
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
    throw new UntraceableError(
      runningOperation() ?? "tensor",
      `it makes a tensor of type ${dtype}`,
      "Only float32, int32 and bool tensors can be compiled.",
    );
  }
  const numbers = values as ArrayLike<number>;
  const first = numbers[0];
  if (first !== undefined && shape.length > 0 && everySame(numbers)) {
    return expand(typedConstant([first], [], dtype), shape);
  }
  return typedConstant(numbers, shape, dtype);
}

function everySame(values: ArrayLike<number>): boolean {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false;
  return true;
}

function typedConstant(
  values: ArrayLike<number>,
  shape: readonly number[],
  dtype: "float32" | "int32" | "bool",
): Constant {
  if (dtype === "float32")
    return shape.length === 0 ? scalar(values[0] as number) : constant(Float32Array.from(values), dtype, shape);
  return constant(dtype === "int32" ? Int32Array.from(values) : Uint8Array.from(values), dtype, shape);
}
