import { describe } from "vitest";
import type { ResultStore } from "../ports.js";
import { attemptsContract } from "./attempts-contract.js";
import { curvesContract } from "./curves-contract.js";
import { deliveryContract } from "./delivery-contract.js";
import { namesContract } from "./names-contract.js";
import { studiesContract } from "./studies-contract.js";

/**
 * What every ResultStore must do. `open` gives a store of `maxAttempts` attempts; it may hold the studies of earlier calls (each
 * test names its own), and none named "unknown".
 */
export function resultStoreContract(open: () => Promise<ResultStore>): void {
  describe("studies", () => studiesContract(open));
  describe("names", () => namesContract(open));
  describe("attempts", () => attemptsContract(open));
  describe("curves", () => curvesContract(open));
  describe("delivery", () => deliveryContract(open));
}
