import * as tf from "@tensorflow/tfjs";
import { beforeAll } from "vitest";
import { agreesWithAuthors } from "../../../test/agrees-with-authors.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

agreesWithAuthors("schedule-free");
