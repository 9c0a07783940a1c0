import { randomStream } from "@stride/random";
import { forward } from "@stride/schedules";
import { describe, expect, it } from "vitest";
import { testPolicy } from "../test/simulated.js";
import { layerArrays, layerShapes, layersFrom, outputs } from "./networks.js";

const { actor } = testPolicy({ inputs: 3, hidden: [5, 4] });
const features = Float32Array.from(randomStream({ seed: 1, purpose: "networks test" }).normals(0, 21));

describe("a policy's network", () => {
  it("says of many decisions at once what it says of each, to the bit", () => {
    const each = Array.from({ length: 7 }, (_, n) => forward(actor, [...features.subarray(3 * n, 3 * n + 3)]));
    expect([...outputs(actor, features)]).toEqual(each.flat());
  });

  it("comes back from its arrays as it was", () => {
    expect(layersFrom(actor, layerArrays(actor))).toEqual(actor);
    expect(layerShapes("actor", actor).map(({ name, shape }) => [name, ...shape])).toEqual([
      ["actor.0.weights", 3, 5],
      ["actor.0.biases", 5],
      ["actor.1.weights", 5, 4],
      ["actor.1.biases", 4],
      ["actor.2.weights", 4, 2],
      ["actor.2.biases", 2],
    ]);
  });
});
