import type { DataSet } from "../task.js";

/** The data of a task whose loss is a function of its parameters alone. */
export const noData: DataSet = { size: 0, arrays: [] };
