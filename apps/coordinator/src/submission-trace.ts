import type { Submission, Submitted } from "@stride/experiment";
import { currentTraceParent, inSpan } from "@stride/telemetry";
import type { StrideLaboratory } from "./connection.js";

/** Submits inside a span: the root of the trace that the study's deliveries and attempts continue. */
export function submitTraced(laboratory: Pick<StrideLaboratory, "submit">, submission: Submission): Promise<Submitted> {
  return inSpan("submit", { kind: "client" }, async (span) => {
    const submitted = await laboratory.submit(submission);
    span.set({
      "stride.study": submitted.study,
      "stride.trials": submitted.added,
      "stride.cohorts": submitted.cohorts,
    });
    return submitted;
  });
}

/** What is stored with a study of the trace that submits it; nothing where nothing is traced. */
export function activeTrace(): { readonly traceParent?: string } {
  const traceParent = currentTraceParent();
  return traceParent === undefined ? {} : { traceParent };
}
