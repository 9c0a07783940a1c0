/** What may be known of executors and devices without loading a tensor library. */
export type { Device, DeviceReport } from "./devices/device.js";
export { deviceExecutors, type ExecutorName, executorNames } from "./executor.js";
