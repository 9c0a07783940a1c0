import { digits } from "./digits.js";
import { patches } from "./patches.js";
import type { NmfData } from "./rows.js";
import type { NmfSpec } from "./spec.js";
import { syntheticData } from "./synthetic.js";
import { messages } from "./word-rows.js";

/** V of a spec. */
export async function nmfData(spec: NmfSpec): Promise<NmfData> {
  switch (spec.data) {
    case "mnist":
      return digits(spec);
    case "photographs":
      return patches(spec);
    case "word-counts":
      return messages(spec);
    case "synthetic":
      return syntheticData(spec);
  }
}
