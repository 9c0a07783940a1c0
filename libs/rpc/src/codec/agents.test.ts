import { InvalidArgument } from "@stride/experiment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { episode, id, statistics, token, whole } from "../../test/arbitraries.js";
import { sent } from "../../test/wire.js";
import * as wire from "../gen/stride/v1/worker.js";
import {
  decodeFinishedEpisodes,
  decodeFinishedUpdate,
  decodeTrajectories,
  decodeTrajectoriesRequest,
  encodeFinishedEpisodes,
  encodeFinishedUpdate,
  encodeTrajectories,
  encodeTrajectoriesRequest,
  weighEpisode,
} from "./agents.js";

const key = fc.record({ cohortId: id, token });
const recorded = fc.record({ iteration: whole, position: whole, lived: episode }).map(({ lived, ...where }) => ({
  ...lived,
  ...where,
}));

describe("what a worker sends and hears of an agent arrives as it left", () => {
  it("FinishEpisodes, also of episodes that ended before a decision, with a final loss that is infinite or no number", () =>
    fc.assert(
      fc.property(key, fc.array(episode), (attempt, episodes) => {
        const given = { ...attempt, episodes };
        expect(decodeFinishedEpisodes(sent(wire.FinishEpisodesRequest, encodeFinishedEpisodes(given)))).toEqual(given);
      }),
    ));

  it("ListTrajectories", () =>
    fc.assert(
      fc.property(key, (given) => {
        const message = sent(wire.ListTrajectoriesRequest, encodeTrajectoriesRequest(given));
        expect(decodeTrajectoriesRequest(message)).toEqual(given);
      }),
    ));

  it("a part of the trajectories", () =>
    fc.assert(
      fc.property(fc.array(recorded), (given) => {
        expect(decodeTrajectories(sent(wire.ListTrajectoriesResponse, encodeTrajectories(given)))).toEqual(given);
      }),
    ));

  it("FinishUpdate", () =>
    fc.assert(
      fc.property(key, fc.string({ unit: "grapheme", minLength: 1 }), statistics, (attempt, policy, numbers) => {
        const given = { ...attempt, policy, statistics: numbers };
        expect(decodeFinishedUpdate(sent(wire.FinishUpdateRequest, encodeFinishedUpdate(given)))).toEqual(given);
      }),
    ));

  it("and weighs no more than was reckoned", () =>
    fc.assert(
      fc.property(recorded, (given) => {
        const bytes = wire.ListTrajectoriesResponse.encode(encodeTrajectories([given])).finish();
        expect(bytes.length).toBeLessThanOrEqual(weighEpisode(given));
      }),
    ));
});

describe("what no worker of ours sends of an agent is refused by the field's name", () => {
  const attempt = { cohortId: "c", token: 1 };
  const lived: wire.Episode = {
    index: 0,
    features: [1, 2, 3, 4],
    actions: [0, 1],
    logProbabilities: [-1, -2],
    entropies: [1, 1],
    rewards: [0.5, 0.25],
    diverged: false,
    steps: 30,
    finalEvaluationLoss: 1,
    forwardPasses: 31,
    backwardPasses: 30,
    seconds: 0.5,
  };
  const episodeOf = (changes: Partial<wire.Episode>) => () =>
    decodeFinishedEpisodes({ attempt, episodes: [lived, { ...lived, ...changes }] });
  const trajectoryOf = (changes: Partial<wire.RecordedEpisode>) => () =>
    decodeTrajectories({ episodes: [{ episode: lived, iteration: 0, position: 0, ...changes }] });
  const updateOf = (changes: Partial<wire.FinishUpdateRequest>) => () =>
    decodeFinishedUpdate({ attempt, policy: "{}", statistics: {}, ...changes });

  it.each<[string, () => unknown, RegExp]>([
    ["no attempt", () => decodeFinishedEpisodes({ attempt: undefined, episodes: [] }), /^attempt must be set$/],
    ["token 0", () => decodeTrajectoriesRequest({ attempt: { ...attempt, token: 0 } }), /^attempt.token must be/],
    ["a negative place", episodeOf({ index: -1 }), /^episodes\[1\].index must be an integer of at least 0, got -1$/],
    [
      "features that the decisions do not share evenly",
      episodeOf({ features: [1, 2, 3] }),
      /^episodes\[1\].features must be as many for each of 2 decisions, got 3$/,
    ],
    ["decisions without features", episodeOf({ features: [] }), /^episodes\[1\].features must be .* got 0$/],
    [
      "features without decisions",
      episodeOf({ actions: [] }),
      /^episodes\[1\].features must be .* 0 decisions, got 4$/,
    ],
    [
      "a reward too few",
      episodeOf({ rewards: [1] }),
      /^episodes\[1\].rewards must be as long as actions \(2\), got 1$/,
    ],
    [
      "a probability too many",
      episodeOf({ logProbabilities: [1, 2, 3] }),
      /^episodes\[1\].log_probabilities must be as long as actions \(2\), got 3$/,
    ],
    [
      "a feature that is no number",
      episodeOf({ features: [1, 2, Number.NaN, 4] }),
      /^episodes\[1\].features\[2\] must be a finite number, got NaN$/,
    ],
    [
      "an infinite reward",
      episodeOf({ rewards: [0, Number.NEGATIVE_INFINITY] }),
      /^episodes\[1\].rewards\[1\] must be a finite number, got -Infinity$/,
    ],
    [
      "an impossible action",
      episodeOf({ logProbabilities: [0, -1 / 0] }),
      /^episodes\[1\].log_probabilities\[1\] must/,
    ],
    ["an action that is none", episodeOf({ actions: [Number.NaN, 1] }), /^episodes\[1\].actions\[0\] must/],
    ["an entropy that is none", episodeOf({ entropies: [1, Number.NaN] }), /^episodes\[1\].entropies\[1\] must/],
    ["half a step", episodeOf({ steps: 0.5 }), /^episodes\[1\].steps must be an integer/],
    ["endless seconds", episodeOf({ seconds: 1 / 0 }), /^episodes\[1\].seconds must be a finite/],
    ["a trajectory without its episode", trajectoryOf({ episode: undefined }), /^episodes\[0\].episode must be set$/],
    ["an iteration before the first", trajectoryOf({ iteration: -1 }), /^episodes\[0\].iteration must be/],
    ["a position before the first", trajectoryOf({ position: -1 }), /^episodes\[0\].position must be/],
    ["an update without a policy", updateOf({ policy: "" }), /^policy must be a policy's document, got ""$/],
    ["a number without a name", updateOf({ statistics: { "": 1 } }), /^the name of one of statistics must be 1 to 200/],
  ])("%s", (_, decode, message) => {
    expect(decode).toThrow(InvalidArgument);
    expect(decode).toThrow(message);
  });
});
