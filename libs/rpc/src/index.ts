export type { ClientTls } from "./channel.js";
export type { WinRateQuestion } from "./codec/win-rates.js";
export { ClientClosed, PortTaken, ProtocolMismatch, RemoteFailure, Unauthenticated, Unreachable } from "./errors.js";
export { createLaboratoryClient, type LaboratoryClientOptions, laboratoryRetryPolicy } from "./laboratory-client.js";
export type { ServerTls } from "./listen.js";
export { type ProtocolRange, protocol, protocols } from "./protocol.js";
export { createReporterClient, type ReporterClientOptions, reporterRetryPolicy } from "./reporter-client.js";
export { type RetryPolicy, systemTiming, type Timing } from "./retry.js";
export { type GrpcServer, type ServeOptions, serveGrpc } from "./serve.js";
