export { formatAddress, isLoopback, parseAddress } from "./address.js";
export {
  type Admission,
  type Authority,
  type AuthorityOptions,
  type Caller,
  createAuthority,
  defaultRateLimit,
  type RefusalReason,
  refusalReasons,
  soleAuthority,
  type TokenEntry,
  tokenSha256,
} from "./authority.js";
export { checkedToken } from "./checked-token.js";
export { type ClientSecurity, clientSecurity } from "./client-security.js";
export type { ClientTls } from "./client-tls.js";
export type { WinRateQuestion } from "./codec/win-rates.js";
export {
  ClientClosed,
  Forbidden,
  PortTaken,
  ProtocolMismatch,
  RemoteFailure,
  TlsFailure,
  Unauthenticated,
  Unreachable,
} from "./errors.js";
export { type FileValue, fileValue, watch } from "./file-value.js";
export { createHealthClient, type HealthClient, type HealthOptions, type HealthServer, serveHealth } from "./health.js";
export { createLaboratoryClient, type LaboratoryClientOptions, laboratoryRetryPolicy } from "./laboratory-client.js";
export type { ServerTls } from "./listen.js";
export { isReadableByAll, readNamedFile } from "./named-file.js";
export type { ObservedCall } from "./observe.js";
export { type ProtocolRange, protocol, protocols } from "./protocol.js";
export { createReporterClient, type ReporterClientOptions, reporterRetryPolicy } from "./reporter-client.js";
export { type RetryPolicy, systemTiming, type Timing } from "./retry.js";
export { allows, type Role, roles } from "./roles.js";
export { type GrpcServer, type ServeOptions, serveGrpc } from "./serve.js";
export { type ServerTlsFiles, serverTlsOf } from "./tls-files.js";
