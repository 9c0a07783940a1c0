import { expand } from "../graph/build.js";
import { constantOf, type DType, type Node } from "../graph/node.js";
import { tf } from "../tensorflow.js";
import { UntraceableError } from "../untraceable-error.js";
import { graphType, requireReproducible, runningOperation } from "./operation-scope.js";

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
  /** Tensors of other backends that are here for now, and where they belong. */
  readonly #moved = new Map<object, tf.KernelBackend>();
  #fault: UntraceableError | undefined;

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
    if (!this.#entries.has(dataId)) this.#bring(dataId);
    return this.#entries.get(dataId) as Entry;
  }

  /** A tensor of another backend, made before the trace: the engine moves its values here. */
  #bring(dataId: object): void {
    const { backend, dtype } = tf.engine().state.tensorInfo.get(dataId) ?? {};
    if (backend === undefined || dtype === undefined) throw new Error("a trace was given what is no tensor");
    // Before it is moved, as a move that fails loses the values.
    graphType(dtype);
    tf.engine().moveData(this, dataId);
    this.#moved.set(dataId, backend);
  }

  /** Gives tensors that were made elsewhere back. */
  returnMoved(): void {
    for (const [dataId, backend] of this.#moved) if (this.#entries.has(dataId)) tf.engine().moveData(backend, dataId);
    this.#moved.clear();
  }

  /** What went wrong where nobody could be told at once; it is told once. */
  takeFault(): UntraceableError | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
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
  }

  override readSync(dataId: object): tf.BackendValues {
    const { values } = this.#entry(dataId);
    if (values === undefined) throw readingError(runningOperation() ?? "dataSync");
    return values;
  }

  /** Of a value that is not known yet the promise stays open, and the trace fails: nobody may be there to catch a rejection. */
  override read(dataId: object): Promise<tf.BackendValues> {
    const { values } = this.#entry(dataId);
    if (values !== undefined) return Promise.resolve(values);
    this.#fault = readingError(runningOperation() ?? "data");
    return new Promise(() => {});
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

function readingError(operation: string): UntraceableError {
  return new UntraceableError(
    operation,
    "it reads a value that is known only when the program runs",
    "Stay with tensors: tf.where for a choice, tf.max or tf.sum for a summary; decide on values outside of loss() and update().",
  );
}

function tensorType(dtype: DType): tf.DataType {
  return dtype === "int64" ? "int32" : dtype;
}

/** Tensors that hold one value all over become that value, repeated. */
function constantNode(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): Node {
  const type = graphType(dtype);
  const numbers = values as ArrayLike<number>;
  const first = numbers[0];
  if (first !== undefined && shape.length > 0 && everySame(numbers)) return expand(constantOf([first], type), shape);
  return constantOf(numbers, type, shape);
}

function everySame(values: ArrayLike<number>): boolean {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return false;
  return true;
}
