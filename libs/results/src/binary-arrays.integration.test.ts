import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import { decodeDoubles, decodeIntegers, decodeReals, encodeDoubles, encodeReals } from "./binary-arrays.js";

let database: TestDatabase;
let connection: pg.Client;
beforeAll(async () => {
  database = await testDatabase();
  connection = await database.connect();
});
afterAll(async () => {
  await connection.end();
  await database[Symbol.asyncDispose]();
});

/** What Postgres reads out of the bytes and writes again. */
async function sent(bytes: Buffer, type: string): Promise<Buffer> {
  const { rows } = await connection.query(`select array_send($1::${type}[]) as sent`, [bytes]);
  return rows[0].sent;
}

it("decodes what Postgres sends of the encoded reals into the same reals, as one array", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.float32Array(), { maxLength: 3 }), async (parts) => {
      expect(decodeReals(await sent(encodeReals(parts), "real"))).toEqual(
        Float32Array.from(parts.flatMap((part) => [...part])),
      );
    }),
  ));

it("decodes what Postgres sends of the encoded doubles into the same doubles, as one array", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.float64Array(), { maxLength: 3 }), async (parts) => {
      expect(decodeDoubles(await sent(encodeDoubles(parts), "double precision"))).toEqual(
        Float64Array.from(parts.flatMap((part) => [...part])),
      );
    }),
  ));

it("decodes integers", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.integer()), async (integers) => {
      const { rows } = await connection.query("select array_send($1::int[]) as sent", [integers]);
      expect(decodeIntegers(rows[0].sent)).toEqual(Int32Array.from(integers));
    }),
  ));

it("encodes what Postgres itself would send", async () => {
  const { rows } = await connection.query(
    "select array_send(array['1', '-0', 'NaN', '-Infinity']::real[]) as reals, array_send(array[1e-310, 'NaN']::float8[]) as doubles",
  );
  const { reals, doubles } = rows[0];
  expect(encodeReals([Float32Array.of(1, -0), Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY)])).toEqual(reals);
  expect(encodeDoubles([Float64Array.of(1e-310), Float64Array.of(Number.NaN)])).toEqual(doubles);
});
