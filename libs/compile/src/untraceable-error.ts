/** Thrown while a program is compiled when a task or optimizer does what no graph can express. Nothing has run yet. */
export class UntraceableError extends Error {
  override readonly name = "UntraceableError";
  /** The TensorFlow.js operation or kernel at fault. */
  readonly operation: string;
  /** What to write in its place. */
  readonly advice: string;

  constructor(operation: string, reason: string, advice: string) {
    super(`${operation} cannot be compiled: ${reason}. ${advice}`);
    this.operation = operation;
    this.advice = advice;
  }
}
