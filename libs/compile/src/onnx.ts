export { type NetworkLayer, type NetworkModelOptions, networkModel } from "./onnx/network-model.js";
