/** Thrown when Redis or Postgres cannot be reached or refuses the queue's work: the call may be repeated later. */
export class QueueUnavailable extends Error {
  override readonly name = "QueueUnavailable";
}

/**
 * A copy of a driver's error that is safe to log: `secrets` are blanked out of its message, and what drivers hang on
 * their errors is dropped (ioredis attaches the failed command with its arguments, which for AUTH is the password).
 */
export function withoutSecrets(error: unknown, secrets: readonly string[]): Error {
  const blank = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  if (error instanceof AggregateError && error.message === "") {
    return withoutSecrets(error.errors[0] ?? new Error("no reason given"), secrets);
  }
  if (!(error instanceof Error)) return new Error(blank(String(error)));
  const copy = new Error(blank(error.message));
  copy.name = error.name;
  if (error.stack !== undefined) copy.stack = blank(error.stack);
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return Object.assign(copy, code);
}
