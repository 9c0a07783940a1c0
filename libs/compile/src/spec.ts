/** What may be known of executors and devices without loading a tensor library. */
export type { Device, DeviceReport } from "./devices/device.js";
export { type ExecutorName, executorNames } from "./executor.js";
