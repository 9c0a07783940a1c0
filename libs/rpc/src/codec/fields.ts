import { InvalidArgument } from "@stride/experiment";

/** Throws an InvalidArgument that names the field, what it must be and what came. */
export function refuse(field: string, must: string, got: unknown): never {
  const shown = typeof got === "string" ? JSON.stringify(got.slice(0, 100)) : String(got);
  throw new InvalidArgument(`${field} must be ${must}, got ${shown}`);
}

/** An identifier: 1 to 200 characters, none of them white space or invisible. */
export function identifier(field: string, value: string): string {
  if (!/^[^\s\p{C}]{1,200}$/u.test(value)) refuse(field, "1 to 200 visible characters", value);
  return value;
}

/** Something people named: 1 to 200 characters, spaces allowed, none invisible. */
export function nonEmpty(field: string, value: string): string {
  if (!/^[^\p{C}]{1,200}$/u.test(value)) refuse(field, "1 to 200 characters in one line", value);
  return value;
}

/** An integer from `least` on. */
export function count(field: string, value: number, least = 0): number {
  if (!Number.isSafeInteger(value) || value < least) refuse(field, `an integer of at least ${least}`, value);
  return value;
}

/** A finite number from 0 on. */
export function amount(field: string, value: number): number {
  if (!(Number.isFinite(value) && value >= 0)) refuse(field, "a finite number of at least 0", value);
  return value;
}

/** As many numbers, all finite; the first that is not is named by its place. */
export function finite(field: string, values: readonly number[]): Float32Array {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) refuse(`${field}[${index}]`, "a finite number", values[index]);
  return Float32Array.from(values);
}

/** A message field that must be there. */
export function present<T>(field: string, value: T | undefined): T {
  if (value === undefined) throw new InvalidArgument(`${field} must be set`);
  return value;
}

/** A valid point in time. */
export function time(field: string, value: Date | undefined): Date {
  const date = present(field, value);
  if (Number.isNaN(date.getTime())) refuse(field, "a valid time", date);
  return date;
}

/** What a text of JSON says. */
export function json(field: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(field, "JSON", text);
  }
}

/** As `json`, of an object. */
export function jsonObject(field: string, text: string): Readonly<Record<string, unknown>> {
  const value = json(field, text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(field, "a JSON object", text);
  return value as Readonly<Record<string, unknown>>;
}

/** Translates between one wire enum and the domain's string union; unspecified and unknown numbers are refused on decode. */
export interface EnumCodec<Name extends string, Wire extends number> {
  encode(name: Name): Wire;
  decode(field: string, wire: number): Name;
}

export function enumCodec<Name extends string, Wire extends number>(
  table: Readonly<Record<Name, Wire>>,
): EnumCodec<Name, Wire> {
  const names = Object.keys(table) as Name[];
  const byNumber = new Map<number, Name>(names.map((name) => [table[name], name]));
  return {
    encode: (name) => table[name],
    decode: (field, wire) => byNumber.get(wire) ?? refuse(field, `one of ${names.join(", ")}`, wire),
  };
}
