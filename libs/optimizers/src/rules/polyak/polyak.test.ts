import * as tf from "@tensorflow/tfjs";
import { beforeAll } from "vitest";
import { agreesWithAuthors, optimizerOf, ruleOf } from "../../../test/agrees-with-authors.js";
import { gradientRuleContract } from "../../../test/gradient-rule-contract.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const sgd = optimizerOf({ kind: "sgd" });

agreesWithAuthors("polyak");

gradientRuleContract(ruleOf({ kind: "polyak" }), sgd);
gradientRuleContract(ruleOf({ kind: "polyak", cap: "constant" }), sgd);
