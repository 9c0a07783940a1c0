import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson, InvalidArgument, moduleHash, PolicyNotFound, type PolicyRow } from "@stride/experiment";
import { type ServeOptions, serveGrpc } from "@stride/rpc";
import { initialPolicy } from "@stride/schedules";
import * as ort from "onnxruntime-node";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createProgram } from "../program.js";
import { parseSettings } from "../settings.js";

const policy = initialPolicy({
  every: 10,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [4],
  critic: true,
  seed: 1,
});
const text = canonicalJson(policy);
const row = (name: string, version: number): PolicyRow => ({
  name,
  version,
  parent: version === 0 ? null : version - 1,
  study: `of ${name}`,
  algorithm: "ppo",
  sha256: moduleHash(text),
  createdAt: new Date(0),
  training: null,
  validation: null,
  statistics: {},
});
const rows = [row("other", 0), row("tuner", 0), row("tuner", 1)];

const policies: Pick<ServeOptions["laboratory"], "policies" | "policyText"> = {
  policies: async (name?: string) => rows.filter((each) => name === undefined || each.name === name),
  async policyText(name: string, version: number) {
    if (rows.some((each) => each.name === name && each.version === version)) return text;
    throw new PolicyNotFound(name, version);
  },
};

let folder: string;
let server: Awaited<ReturnType<typeof serveGrpc>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stride-policy-"));
  const reporter = {} as ServeOptions["reporter"];
  const laboratory = policies as ServeOptions["laboratory"];
  server = await serveGrpc({ address: "127.0.0.1:0", reporter, laboratory, onError: () => {} });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
afterEach(() => vi.restoreAllMocks());

/** What `stride policy …` prints when it asks that coordinator. */
async function stride(...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(`${line}\n`));
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(process.stdout, "write").mockImplementation((chunk) => printed.push(String(chunk)) > 0);
  const settings = parseSettings({ STRIDE_COORDINATOR: `127.0.0.1:${server.port}` });
  const context = { settings: () => settings, environment: {}, signal: new AbortController().signal, exit: () => {} };
  await createProgram(context).parseAsync(["policy", ...args], { from: "user" });
  return printed.join("");
}

describe("stride policy", () => {
  it("lists all policies, or those of a name", async () => {
    const names = async (...args: string[]) =>
      (JSON.parse(await stride("list", "--json", ...args)) as PolicyRow[]).map(
        ({ name, version }) => `${name}@${version}`,
      );
    expect(await names()).toEqual(["other@0", "tuner@0", "tuner@1"]);
    expect(await names("tuner")).toEqual(["tuner@0", "tuner@1"]);
    expect(await stride("list", "other")).toMatch(/^ *other +0 +– +of other +ppo( +–){5} +1970-01-01 00:00 *$/m);
  });

  it("shows one, with the policy itself as JSON", async () => {
    const shown = JSON.parse(await stride("show", "tuner@1", "--json"));
    expect(shown).toMatchObject({ name: "tuner", version: 1, parent: 0, document: policy });
    expect(await stride("show", "tuner@1")).toContain("tuner@1: learned by ppo from tuner@0");
  });

  it("exports one as the text that it is known by, to a file or to standard output", async () => {
    expect(await stride("export", "tuner@1")).toBe(`${text}\n`);
    const file = join(folder, "tuner.json");
    expect(await stride("export", "tuner@1", "-o", file)).toBe("");
    expect(await readFile(file, "utf8")).toBe(`${text}\n`);
  });

  it("exports one as a model that ONNX Runtime opens", async () => {
    const file = join(folder, "tuner.onnx");
    await stride("export", "tuner@1", "--format", "onnx", "-o", file);
    const session = await ort.InferenceSession.create(file);
    expect([session.inputNames, session.outputNames]).toEqual([["features"], ["logits"]]);
    await session.release();
  });

  it.each([
    { args: ["show", "tuner@7"], says: "there is no version 7 of the policy tuner; there are 0 to 1" },
    { args: ["export", "timer@0"], says: "there is no policy named timer; there are other, tuner" },
    { args: ["list", "timer"], says: "there is no policy named timer; there are other, tuner" },
    { args: ["show", "tuner"], says: 'a policy must be NAME@VERSION, as tuner@12, got "tuner"' },
    {
      args: ["export", "tuner@0", "-o", "/no/folder/x.json"],
      says: "cannot write /no/folder/x.json: there is no such folder",
    },
  ])("refuses $args and says what there is", async ({ args, says }) => {
    const refused = stride(...args);
    await expect(refused).rejects.toThrow(InvalidArgument);
    await expect(refused).rejects.toThrow(says);
  });
});
