import { InvalidArgument } from "@stride/experiment";

/** What a shell script may rely on (docs/operating.md). */
export const exitCodes = { done: 0, failedTrials: 1, badInput: 2, unreachable: 3, interrupted: 130 } as const;

/** Thrown when a service that is needed cannot be had; says what to set or start. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Error names of the adapters, by what they mean to a shell. */
const badInput = new Set([
  "StudyNotFound",
  "PolicyNotFound",
  "PortTaken",
  "Unauthenticated",
  "Forbidden",
  "ProtocolMismatch",
  "DatabaseTooNew",
  "DatabaseTooOld",
]);
const unreachable = new Set([
  "Unreachable",
  "RemoteFailure",
  "TlsFailure",
  "DatabaseUnreachable",
  "QueueUnavailable",
  "EmbeddedPostgresError",
]);

/** The exit code an error ends the command with; undefined for a bug, which should show its stack. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof InvalidArgument) return exitCodes.badInput;
  if (!(error instanceof Error)) return undefined;
  if (badInput.has(error.name)) return exitCodes.badInput;
  if (unreachable.has(error.name)) return exitCodes.unreachable;
  return undefined;
}
