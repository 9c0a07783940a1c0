/** `ours.mjs KIND`: the compiled step of one network, a round for each line on standard input, as peers/rounds.py has it. */
import process from "node:process";
import { createInterface } from "node:readline";
import { compiledContenders, networks, trainingOf } from "../harness/networks.mjs";
import { withResources } from "../harness/resources.mjs";
import { rate } from "../harness/rounds.mjs";
import { requireFinite } from "../harness/training.mjs";

/** As SECONDS in peers/rounds.py. */
const milliseconds = 500;

const network = networks.find(({ spec }) => spec.kind === process.argv[2]);
await withResources(async (use) => {
  const { common } = await trainingOf(network, false);
  const contenders = await compiledContenders(common, use);
  for (const { begin, work } of contenders) {
    begin();
    await work();
  }
  console.log("ready");
  for await (const _ of createInterface({ input: process.stdin })) {
    const rates = {};
    for (const { name, begin, work } of contenders) {
      begin();
      rates[name] = await rate(work, milliseconds);
    }
    requireFinite(contenders);
    console.log(JSON.stringify(rates));
  }
});
process.exit(0);
