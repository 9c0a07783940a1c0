import { Buffer } from "node:buffer";

/** Sends `parts` as the input of `copy … from stdin`; resolves when Postgres has committed. */
export function copyFrom(client, text, parts) {
  return new Promise((resolve, reject) => {
    let failure;
    client.query({
      submit(connection) {
        connection.query(text);
        return null;
      },
      handleCopyInResponse(connection) {
        for (const part of parts) connection.sendCopyFromChunk(part);
        connection.endCopyFrom();
      },
      handleError(error) {
        failure = error;
        // The driver tells of a broken connection by this alone.
        reject(error);
      },
      handleRowDescription() {},
      handleDataRow() {},
      handleCommandComplete() {},
      handleReadyForQuery() {
        if (failure === undefined) resolve();
      },
    });
  });
}

/** Curve chunks `[trial key, chunk]` as COPY's text. */
export function textRows(rows) {
  const list = (values) => `{${values.join(",")}}`;
  // Nine digits are all that a real holds; JavaScript would write it as a double of seventeen.
  const reals = (values) => list(Array.from(values, (value) => Number(value.toPrecision(9))));
  return rows.map(([key, { firstStep, trainingLosses, learningRates }]) =>
    Buffer.from(`${key}\t${firstStep}\t${reals(trainingLosses)}\t${list(learningRates)}\n`),
  );
}

const arrayHeaderBytes = 20;

/** The same in COPY's binary form, which Postgres reads fastest. PostgreSQL manual, "COPY", binary format. */
export function binaryRows(rows) {
  const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
  return [header, ...rows.map(binaryRow), Buffer.from([0xff, 0xff])];
}

function binaryRow([key, { firstStep, trainingLosses: losses, learningRates: rates }]) {
  const [lossBytes, rateBytes] = [arrayHeaderBytes + 8 * losses.length, arrayHeaderBytes + 12 * rates.length];
  const bytes = Buffer.alloc(2 + 8 + 8 + 4 + lossBytes + 4 + rateBytes);
  let at = bytes.writeInt16BE(4, 0);
  const int = (value) => {
    at = bytes.writeInt32BE(value, at);
  };
  for (const value of [key, firstStep]) {
    int(4);
    int(value);
  }
  int(lossBytes);
  for (const value of [1, 0, 700, losses.length, 1]) int(value);
  for (const value of losses) {
    int(4);
    at = bytes.writeFloatBE(value, at);
  }
  int(rateBytes);
  for (const value of [1, 0, 701, rates.length, 1]) int(value);
  for (const value of rates) {
    int(8);
    at = bytes.writeDoubleBE(value, at);
  }
  return bytes;
}
