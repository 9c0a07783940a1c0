import { resolve } from "node:path";
import { z } from "zod";

const file = z.string().transform((path) => resolve(path));
const rateLimit = /^(?:\d{1,6}|\d{0,6}\.\d{1,3})$/;

/** The variables of tokens and certificates (docs/security.md); the first part is the coordinator's, the second every command's. */
export const securityVariables = {
  STRIDE_TLS_CERT_FILE: file.optional(),
  STRIDE_TLS_KEY_FILE: file.optional(),
  STRIDE_TLS_CLIENT_CA_FILE: file.optional(),
  STRIDE_TOKENS_FILE: file.optional(),
  /** Calls a second that one token may make; 0: any number. */
  STRIDE_RATE_LIMIT: z
    .string()
    .regex(rateLimit, "must be a number of calls a second from 0 (no limit) to 999999")
    .transform(Number)
    .optional(),

  STRIDE_TOKEN_FILE: file.optional(),
  STRIDE_TLS: z.enum(["0", "1"], "must be 0 or 1").optional(),
  STRIDE_TLS_CA_FILE: file.optional(),
  STRIDE_TLS_PIN_FILE: file.optional(),
  STRIDE_TLS_CLIENT_CERT_FILE: file.optional(),
  STRIDE_TLS_CLIENT_KEY_FILE: file.optional(),
  STRIDE_TLS_SERVER_NAME: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/, "must be a host's name or IP address")
    .optional(),
};

type Variables = z.output<z.ZodObject<typeof securityVariables>>;

/** What the coordinator shows and asks for. */
export interface ServerSecuritySettings {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly clientCaFile: string | undefined;
  readonly tokensFile: string | undefined;
  readonly rateLimit: number | undefined;
}

export function serverSecurityOf(values: Variables): ServerSecuritySettings {
  return {
    certFile: values.STRIDE_TLS_CERT_FILE,
    keyFile: values.STRIDE_TLS_KEY_FILE,
    clientCaFile: values.STRIDE_TLS_CLIENT_CA_FILE,
    tokensFile: values.STRIDE_TOKENS_FILE,
    rateLimit: values.STRIDE_RATE_LIMIT,
  };
}
