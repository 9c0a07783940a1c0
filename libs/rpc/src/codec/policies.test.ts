import { InvalidArgument } from "@stride/experiment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentProgress, policyRow } from "../../test/arbitraries.js";
import { policyRow as sampleRow } from "../../test/memory-laboratory.js";
import { sent } from "../../test/wire.js";
import * as wire from "../gen/stride/v1/laboratory.js";
import {
  decodeAgentProgress,
  decodePolicyRequest,
  decodePolicyRow,
  decodePolicyText,
  encodeAgentProgress,
  encodePolicyRow,
} from "./policies.js";

describe("what is asked about policies arrives as it left", () => {
  it("a policy's row, whatever of it there is not yet", () =>
    fc.assert(
      fc.property(policyRow, (given) => {
        expect(decodePolicyRow("policy", sent(wire.PolicyRow, encodePolicyRow(given)))).toEqual(given);
      }),
    ));

  it("an agent's progress, or that there is none", () =>
    fc.assert(
      fc.property(fc.option(agentProgress, { nil: undefined }), (given) => {
        expect(decodeAgentProgress(sent(wire.GetAgentProgressResponse, encodeAgentProgress(given)))).toEqual(given);
      }),
    ));
});

describe("what does not make sense of a policy is refused by the field's name", () => {
  const row = encodePolicyRow(sampleRow(1));
  const rowOf = (changes: Partial<wire.PolicyRow>) => () => decodePolicyRow("policies[2]", { ...row, ...changes });
  const { training } = row;
  const summaryOf = (changes: Partial<wire.EpisodeSummary>) =>
    rowOf({ validation: training === undefined ? undefined : { ...training, ...changes } });
  const progress = { policyName: "p", iterations: 3, iteration: 1, done: false, episodes: 10, best: 0 };
  const progressOf = (changes: Partial<wire.AgentProgress>) => () =>
    decodeAgentProgress({ progress: { ...progress, ...changes } });

  it.each<[string, () => unknown, RegExp]>([
    ["a request without a name", () => decodePolicyRequest({ name: "", version: 0 }), /^name must be 1 to 200/],
    [
      "a version before the first",
      () => decodePolicyRequest({ name: "p", version: -1 }),
      /^version must be .* got -1$/,
    ],
    ["an empty document", () => decodePolicyText({ policy: "" }), /^policy must be set$/],
    ["a row without a name", rowOf({ name: "" }), /^policies\[2\].name must/],
    ["half a version", rowOf({ version: 0.5 }), /^policies\[2\].version must/],
    ["a parent before the first", rowOf({ parent: -1 }), /^policies\[2\].parent must/],
    ["a short hash", rowOf({ sha256: "abc" }), /^policies\[2\].sha256 must be 64 hexadecimal digits, got "abc"$/],
    ["no time", rowOf({ createdAt: undefined }), /^policies\[2\].created_at must be set$/],
    ["episodes less than none", summaryOf({ episodes: -1 }), /^policies\[2\].validation.episodes must/],
    ["a negative share", summaryOf({ divergence: -0.1 }), /^policies\[2\].validation.divergence must/],
    ["a number without a name", rowOf({ statistics: { "": 1 } }), /^the name of one of policies\[2\].statistics must/],
    ["progress of no policy", progressOf({ policyName: "" }), /^progress.policy_name must/],
    ["updates less than none", progressOf({ iteration: -1 }), /^progress.iteration must/],
    ["a best version before the first", progressOf({ best: -1 }), /^progress.best must/],
  ])("%s", (_, decode, message) => {
    expect(decode).toThrow(InvalidArgument);
    expect(decode).toThrow(message);
  });
});
