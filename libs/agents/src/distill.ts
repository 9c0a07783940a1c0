// What a coordinator may load: no tensors here (scripts/boundaries.mjs).
export type { PolicyCurve } from "./distill/curve.js";
export { type Distillation, type Distilled, type DistilOptions, distil } from "./distill/distil.js";
