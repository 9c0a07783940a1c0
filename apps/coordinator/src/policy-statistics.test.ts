import { doubleDqnStatistics, floorStatistics, ppoStatistics } from "@stride/agents";
import { expect, it } from "vitest";
import { statisticMeanings } from "./policy-statistics.js";

it.each([
  { algorithm: "PPO", told: ppoStatistics },
  { algorithm: "double DQN", told: doubleDqnStatistics },
  { algorithm: "a floor", told: floorStatistics },
  // The child that learns adds its time.
  { algorithm: "any update", told: { seconds: "" } },
])("explains every number that $algorithm tells", ({ told }) => {
  expect(Object.keys(told).filter((name) => statisticMeanings[name] === undefined)).toEqual([]);
});
