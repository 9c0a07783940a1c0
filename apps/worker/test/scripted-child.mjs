/**
 * A training child without training: a cohort's study names what it does. Its reports give its process id as their step, so that
 * a test knows who trained.
 */
import { writeSync } from "node:fs";
import { serialize } from "node:v8";

const send = (message) => new Promise((resolve) => process.send(message, resolve));
const report = { kind: "report", report: { step: process.pid, chunks: [], evaluations: [] } };
const losses = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.5];
const special = {
  step: process.pid,
  chunks: [
    {
      trialId: "trial",
      firstStep: 0,
      trainingLosses: Float32Array.from(losses),
      // A view of a part of a larger buffer, as segments make them.
      learningRates: Float64Array.from([9, 0.1, Number.MIN_VALUE, 9]).subarray(1, 3),
    },
  ],
  evaluations: [{ trialId: "trial", step: 0, loss: Number.POSITIVE_INFINITY }],
};

let onStop = () => undefined;
const stopped = () =>
  new Promise((resolve) => {
    onStop = resolve;
  });

const does = {
  async trains() {
    for (let count = 0; count < 3; count += 1) await send(report);
    await send({ kind: "ended" });
  },
  async "trains until it is stopped"() {
    const stop = stopped();
    await send(report);
    await stop;
    await send({ kind: "stopped" });
  },
  async "ends while it is being stopped"() {
    const stop = stopped();
    await send(report);
    await stop;
    await send(report);
    await send({ kind: "ended" });
  },
  async "ignores everything"() {
    process.removeAllListeners("disconnect");
    setInterval(() => undefined, 1_000);
    await send(report);
  },
  async "is in the middle of a message"() {
    // A whole message and the start of another, at once, to the channel (stdio 3): four bytes of length, then the value.
    const body = serialize(report);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    writeSync(3, Buffer.concat([length, body, Buffer.from([0, 0, 1, 0, 0xff])]));
    await stopped();
  },
  async fails() {
    await send(report);
    await send({ kind: "failed", message: "task.dimension is too large" });
  },
  async "fails and exits"() {
    await send({ kind: "failed", message: "the device was lost" });
    process.exit(1);
  },
  async crashes() {
    await send(report);
    process.exit(7);
  },
  async "sends special numbers"() {
    await send({ kind: "report", report: special });
    await send({ kind: "ended" });
  },
};

process.on("message", (message) => {
  if (message.kind === "train") void does[message.cohort.studyName]();
  if (message.kind === "stop") onStop();
});
process.on("disconnect", () => process.exit(0));
