import type { checkTaskModule, ScheduleModule, TaskModule } from "@stride/training";

/** Command line → check: one use of a user's module. One at a time. */
export type ModuleCheck = ({ readonly kind: "task" } & TaskModule) | ({ readonly kind: "schedule" } & ScheduleModule);

/** Check → command line, the answer: a task's cost, or why the module is refused; `failed` is a bug of ours. */
export type ModuleAnswer =
  | { readonly kind: "task"; readonly cost: Awaited<ReturnType<typeof checkTaskModule>> }
  | { readonly kind: "schedule" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };
