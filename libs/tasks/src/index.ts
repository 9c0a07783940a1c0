export { createTask } from "./create-task.js";
export type { Batch, DataArray, DataSet, ParameterShape, Task } from "./task.js";
