import type { ClientSecurity } from "@stride/rpc";

/** What a caller sends to a coordinator, besides its token, and trusts. */
export type ClientSecuritySettings = Omit<ClientSecurity, "token">;

/** The variables that say so; the same for a worker and for every command (docs/security.md). */
type Name =
  | "STRIDE_TOKEN_FILE"
  | "STRIDE_TLS"
  | "STRIDE_TLS_CA_FILE"
  | "STRIDE_TLS_PIN_FILE"
  | "STRIDE_TLS_CLIENT_CERT_FILE"
  | "STRIDE_TLS_CLIENT_KEY_FILE"
  | "STRIDE_TLS_SERVER_NAME";

/** Reads parsed variables. */
export function clientSecurityOf(values: Readonly<Partial<Record<Name, string | undefined>>>): ClientSecuritySettings {
  return {
    tokenFile: values.STRIDE_TOKEN_FILE,
    tls: values.STRIDE_TLS === undefined ? undefined : values.STRIDE_TLS === "1",
    caFile: values.STRIDE_TLS_CA_FILE,
    pinFile: values.STRIDE_TLS_PIN_FILE,
    certFile: values.STRIDE_TLS_CLIENT_CERT_FILE,
    keyFile: values.STRIDE_TLS_CLIENT_KEY_FILE,
    serverName: values.STRIDE_TLS_SERVER_NAME,
  };
}

/** The same settings as variables; what is not set is empty, which counts as not set. */
export function clientSecurityVariables(client: ClientSecuritySettings): Record<Name, string> {
  return {
    STRIDE_TOKEN_FILE: client.tokenFile ?? "",
    STRIDE_TLS: client.tls === undefined ? "" : client.tls ? "1" : "0",
    STRIDE_TLS_CA_FILE: client.caFile ?? "",
    STRIDE_TLS_PIN_FILE: client.pinFile ?? "",
    STRIDE_TLS_CLIENT_CERT_FILE: client.certFile ?? "",
    STRIDE_TLS_CLIENT_KEY_FILE: client.keyFile ?? "",
    STRIDE_TLS_SERVER_NAME: client.serverName ?? "",
  };
}

/** A worker's environment in which nothing of the connection comes from the process that launches it. */
export const noConnection = { STRIDE_TOKEN: "", ...clientSecurityVariables({}) } as const;
