import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import { decodeDoubles, decodeReals, encodeDoubles, encodeReals, readDoubles, readIntegers } from "./binary-arrays.js";

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

it("reads columns of integers and doubles that were joined as bytes", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer(), { minLength: 1 }),
      fc.float64Array({ minLength: 1 }),
      async (integers, doubles) => {
        const { rows } = await connection.query(
          `select (select string_agg(int4send(n), '' order by place) from unnest($1::int[]) with ordinality as i (n, place)) as integers,
           (select string_agg(float8send(x), '' order by place) from unnest($2::float8[]) with ordinality as d (x, place)) as doubles`,
          [integers, encodeDoubles([doubles])],
        );
        expect(readIntegers(rows[0].integers)).toEqual(Int32Array.from(integers));
        expect(readDoubles(rows[0].doubles)).toEqual(doubles);
      },
    ),
  ));

it("encodes what Postgres itself would send", async () => {
  const { rows } = await connection.query(
    "select array_send(array['1', '-0', 'NaN', '-Infinity']::real[]) as reals, array_send(array[1e-310, 'NaN']::float8[]) as doubles",
  );
  const { reals, doubles } = rows[0];
  expect(encodeReals([Float32Array.of(1, -0), Float32Array.of(Number.NaN, Number.NEGATIVE_INFINITY)])).toEqual(reals);
  expect(encodeDoubles([Float64Array.of(1e-310), Float64Array.of(Number.NaN)])).toEqual(doubles);
});
