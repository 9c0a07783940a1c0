import { createHash, timingSafeEqual } from "node:crypto";
import type { Access } from "@stride/telemetry";

/** What a token may do. */
export type Role = "read" | "submit" | "work" | "admin";

/** Knows whose tokens are whose; undefined for a wrong one, or none. */
export interface Authority {
  /** `authorization` is the header, `Bearer TOKEN`. */
  roleOf(authorization: string | undefined): Role | undefined;
}

/** Whether a caller may look at metrics and the status page: whoever may list studies may. */
export function mayLook(authority: Authority): (authorization: string | undefined) => Access {
  return (authorization) => {
    const role = authority.roleOf(authorization);
    if (role === undefined) return "unauthenticated";
    return role === "work" ? "forbidden" : "granted";
  };
}

/** One token that may do everything. */
export function oneToken(token: string): Authority {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return {
    roleOf: (header) => (header !== undefined && timingSafeEqual(digest(header), expected) ? "admin" : undefined),
  };
}
