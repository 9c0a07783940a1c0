export type { Batch, DataArray, DataSet, ParameterShape, Task } from "./task.js";
