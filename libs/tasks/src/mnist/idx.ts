/** An array in the IDX format, in which MNIST is published: `values` is row-major in `shape`. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

const unsignedByte = 0x08;

/**
 * Parses an IDX file of unsigned bytes: two zero bytes, the type, the number of dimensions, each extent as a big-endian
 * 32-bit integer, then the values. Throws when the file is none or is cut short.
 */
export function parseIdx(file: Uint8Array): IdxArray {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerFits = file.length >= 4 && file.length >= 4 + 4 * view.getUint8(3);
  if (!headerFits || view.getUint16(0) !== 0) throw new Error("not an IDX file");
  if (view.getUint8(2) !== unsignedByte)
    throw new Error(`IDX type 0x${view.getUint8(2).toString(16)} is not unsigned bytes`);
  const shape = Array.from({ length: view.getUint8(3) }, (_, axis) => view.getUint32(4 + 4 * axis));
  const start = 4 + 4 * shape.length;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (file.length !== start + size) {
    throw new Error(`an IDX file of shape ${shape.join(" × ")} has ${start + size} bytes, this one ${file.length}`);
  }
  return { shape, values: file.subarray(start) };
}
