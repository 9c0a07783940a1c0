import { contractOf } from "../../test/contract-of.js";

await contractOf("onnx-cpu");
