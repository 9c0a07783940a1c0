export { createTask } from "./create-task.js";
export { type LoadedModules, lineOf, loadModules, ModuleNotLoaded } from "./module/load-modules.js";
export type { TaskTools } from "./module/task.js";
export { NotATask } from "./module/task-shape.js";
export type { Batch, DataArray, DataSet, DescentStep, ParameterShape, Task } from "./task.js";
