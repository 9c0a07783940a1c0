import { contractOf } from "../../test/contract-of.js";

await contractOf("tfjs-node-gpu");
