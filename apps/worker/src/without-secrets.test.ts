import { expect, it } from "vitest";
import { withoutSecrets } from "./without-secrets.js";

it("keeps all but what opens coordinator, database and queue", () => {
  const kept = { PATH: "/bin", STRIDE_EXECUTOR: "tfjs-cpu" };
  const secret = { STRIDE_TOKEN: "t", STRIDE_QUEUE_URL: "q", STRIDE_DATABASE_URL: "d", STRIDE_REDIS_URL: "r" };
  expect(withoutSecrets({ ...kept, ...secret })).toEqual(kept);
});
