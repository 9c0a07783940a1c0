/** The machine's devices, without a tensor library. */
export type { Device, DeviceReport } from "./devices/device.js";
export { findDevices } from "./devices/find-devices.js";
export { visibleToCuda } from "./devices/nvidia.js";
