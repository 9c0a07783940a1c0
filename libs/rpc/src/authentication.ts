import { createHash, timingSafeEqual } from "node:crypto";
import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import { InvalidArgument } from "@stride/experiment";

/** Returns the token, or throws an InvalidArgument that does not show it: headers carry visible ASCII alone. */
export function checkedToken(token: string): string {
  if (/^[\x21-\x7e]{1,1024}$/.test(token)) return token;
  throw new InvalidArgument("token must be 1 to 1024 visible ASCII characters without spaces (it is not shown here)");
}

/** Probes cannot carry a token, and health tells nothing. */
const open = new Set(["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch", "/grpc.health.v1.Health/List"]);

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Refuses every call without the bearer token, except health checks. Compares in constant time. */
export function requireToken(token: string): ServerInterceptor {
  const expected = digest(`Bearer ${token}`);
  const authorised = (metadata: Metadata): boolean => {
    const values = metadata.get("authorization");
    return values.length === 1 && timingSafeEqual(digest(String(values[0])), expected);
  };
  return (method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (open.has(method.path) || authorised(metadata)) proceed(metadata);
            else call.sendStatus({ code: status.UNAUTHENTICATED, details: "a wrong token, or none" });
          },
        }),
    });
}
