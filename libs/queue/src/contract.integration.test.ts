import { trialQueueContract } from "@stride/experiment/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { backends, quick } from "../test/backends.js";

describe.each(backends)("the contract on $kind", ({ missing, start, create }) => {
  describe.skipIf(missing !== undefined)(missing ? `(skipped: ${missing})` : "", () => {
    let server: Awaited<ReturnType<typeof start>>;
    let count = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server[Symbol.asyncDispose]());
    trialQueueContract(() => create({ url: server.url, name: `contract-${++count}`, ...quick }));
  });
});
