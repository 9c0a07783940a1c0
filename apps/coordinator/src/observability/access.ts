import type { Authority, RefusalReason } from "@stride/rpc";
import type { Access, Visitor } from "@stride/telemetry";

/** Whether a caller may look at metrics and the status page: whoever may list studies may. Counts as any call does. */
export function mayLook(
  authority: Pick<Authority, "admit">,
  onRefused: (reason: RefusalReason) => void,
): (visitor: Visitor) => Access {
  return (visitor) => {
    const admission = authority.admit(visitor, "read", "laboratory");
    if (admission.kind === "admitted") return "granted";
    onRefused(admission.reason);
    return accessOf[admission.reason] ?? "unauthenticated";
  };
}

const accessOf: Partial<Record<RefusalReason, Access>> = {
  forbidden: "forbidden",
  guessing: "too-many",
  rate: "too-many",
};
