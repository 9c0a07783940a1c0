/** Type ids of Postgres that never change (pg_type.dat). */
const real = 700;
const doublePrecision = 701;
const headerBytes = 20;

/**
 * One Postgres real[] in its binary form: the parts one after the other, NaN and infinities included. Text would cost
 * more than the rest of the insert.
 *
 * PostgreSQL, array_recv: dimensions, a null flag, the element type, length and lower bound, then each element after its size.
 */
export function encodeReals(parts: readonly Float32Array[]): Buffer {
  const { bytes, view } = arrayOf(parts, real, 4);
  let offset = headerBytes;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      view.setInt32(offset, 4);
      view.setFloat32(offset + 4, part[i] as number);
      offset += 8;
    }
  }
  return bytes;
}

/** One Postgres double precision[] in its binary form, as `encodeReals`. */
export function encodeDoubles(parts: readonly Float64Array[]): Buffer {
  const { bytes, view } = arrayOf(parts, doublePrecision, 8);
  let offset = headerBytes;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      view.setInt32(offset, 8);
      view.setFloat64(offset + 4, part[i] as number);
      offset += 12;
    }
  }
  return bytes;
}

/** Reads what `string_agg(int4send(…), '')` gives. */
export function readIntegers(bytes: Buffer): Int32Array {
  const values = new Int32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readInt32BE(4 * i);
  return values;
}

/** Reads what `string_agg(float8send(…), '')` gives. */
export function readDoubles(bytes: Buffer): Float64Array {
  const values = new Float64Array(bytes.length / 8);
  for (let i = 0; i < values.length; i++) values[i] = bytes.readDoubleBE(8 * i);
  return values;
}

/**
 * Reads a real[] without nulls from what `array_send` gives: a query selects that, as the driver reads text alone, and the text of
 * an array takes longer to parse than all that is done with it.
 */
export function decodeReals(bytes: Buffer): Float32Array {
  const { view, length } = elementsOf(bytes);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = view.getFloat32(headerBytes + 8 * i + 4);
  return values;
}

/** Reads a double precision[], as `decodeReals`. */
export function decodeDoubles(bytes: Buffer): Float64Array {
  const { view, length } = elementsOf(bytes);
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = view.getFloat64(headerBytes + 12 * i + 4);
  return values;
}

function arrayOf(parts: readonly { readonly length: number }[], elementType: number, elementBytes: number) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const memory = new ArrayBuffer(headerBytes + length * (4 + elementBytes));
  const view = new DataView(memory);
  view.setInt32(0, 1);
  view.setInt32(8, elementType);
  view.setInt32(12, length);
  view.setInt32(16, 1);
  return { bytes: Buffer.from(memory), view };
}

/** An empty array has no dimension, and so no length either. */
function elementsOf(bytes: Buffer): { readonly view: DataView; readonly length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, length: view.getInt32(0) === 0 ? 0 : view.getInt32(12) };
}
