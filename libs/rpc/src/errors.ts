/** The address is in use by another process. */
export class PortTaken extends Error {
  readonly address: string;
  constructor(address: string, options?: ErrorOptions) {
    super(
      `${address} is already in use: stop the program that listens there, or choose another port (port 0 takes a free one)`,
      options,
    );
    this.name = "PortTaken";
    this.address = address;
  }
}

/** The server did not answer within the time the client was given, retries included. The last failure is the cause. */
export class Unreachable extends Error {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super(
      `cannot reach the coordinator at ${address} (${detail}): is it running there? "stride up" starts one`,
      options,
    );
    this.name = "Unreachable";
    this.address = address;
  }
}

/** The server refused the token, or the lack of one; `detail` is what it said. Not retried. */
export class Unauthenticated extends Error {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    const why = / expired at /.test(detail) ? ` (${detail})` : "";
    super(
      `the coordinator at ${address} refused the token${why}: set STRIDE_TOKEN or STRIDE_TOKEN_FILE to one that it knows`,
      options,
    );
    this.name = "Unauthenticated";
    this.address = address;
  }
}

/** Client and server are of versions that do not understand each other. Not retried. */
export class ProtocolMismatch extends Error {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super(`the coordinator at ${address} is of another version: ${detail}`, options);
    this.name = "ProtocolMismatch";
    this.address = address;
  }
}

/** The token's role does not allow the call; `detail` names both roles. Not retried. */
export class Forbidden extends Error {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super(`the coordinator at ${address} refused the call: ${detail}`, options);
    this.name = "Forbidden";
    this.address = address;
  }
}

/** No trusted connection over TLS could be made; `detail` says why. The last failure is the cause. */
export class TlsFailure extends Error {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super(`cannot connect to the coordinator at ${address}: ${detail}`, options);
    this.name = "TlsFailure";
    this.address = address;
  }
}

/** The server failed in a way that repeating the call does not mend. The wire's error is the cause. */
export class RemoteFailure extends Error {
  readonly address: string;
  constructor(address: string, detail: string, options?: ErrorOptions) {
    super(`the coordinator at ${address} failed: ${detail}`, options);
    this.name = "RemoteFailure";
    this.address = address;
  }
}

/** The client was disposed before the call was answered. */
export class ClientClosed extends Error {
  constructor() {
    super("the client was closed before the call was answered");
    this.name = "ClientClosed";
  }
}
