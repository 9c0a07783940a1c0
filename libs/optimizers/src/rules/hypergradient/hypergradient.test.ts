import * as tf from "@tensorflow/tfjs";
import { beforeAll } from "vitest";
import { agreesWithAuthors, optimizerOf, ruleOf } from "../../../test/agrees-with-authors.js";
import { gradientRuleContract } from "../../../test/gradient-rule-contract.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

agreesWithAuthors("hypergradient");

gradientRuleContract(
  ruleOf({ kind: "hypergradient", beta: 1e-3 }),
  optimizerOf({ kind: "sgd", weightDecay: 0.1 }),
  0.05,
);
gradientRuleContract(ruleOf({ kind: "hypergradient", scope: "group", beta: 1e-3 }), optimizerOf({ kind: "adam" }));
gradientRuleContract(
  ruleOf({ kind: "hypergradient", scope: "parameter", update: "multiplicative" }),
  optimizerOf({ kind: "sgd", momentum: 0.9, nesterov: true }),
);
gradientRuleContract(ruleOf({ kind: "hypergradient", update: "multiplicative" }), optimizerOf({ kind: "adam" }));
