export { type TrainOptions, train } from "./train.js";
