import { Client, type ClientOptions, credentials } from "@grpc/grpc-js";
import type { Address } from "./address.js";
import { formatAddress } from "./address.js";
import { maxMessageBytes } from "./batches.js";
import { type ClientTls, handshakeOf } from "./client-tls.js";

/** The connection that calls are made on; another one, from the next call on, when what TLS is made with has changed. */
export interface Connection {
  /** For one call, which `release` ends: what was replaced is closed after its last. */
  acquire(): { readonly client: Client; release(): void };
  close(): void;
}

const options: ClientOptions = {
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
  // The channel's own backoff grows to minutes by default; ours decides, so a restarted coordinator is seen within seconds.
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.enable_retries": 0,
  // Coordinators are local or in the cluster; a proxy meant for the web would swallow the call.
  "grpc.enable_http_proxy": 0,
};

/** `tls` is asked before each call. */
export function openConnection(address: Address, tls: () => ClientTls | undefined): Connection {
  const open = () => {
    const used = tls();
    return { used, client: connect(address, used), calls: 0 };
  };
  let current = open();
  return {
    acquire() {
      if (tls() !== current.used) {
        if (current.calls === 0) current.client.close();
        current = open();
      }
      const mine = current;
      mine.calls += 1;
      return {
        client: mine.client,
        release() {
          mine.calls -= 1;
          if (mine.calls === 0 && mine !== current) mine.client.close();
        },
      };
    },
    close: () => current.client.close(),
  };
}

function connect(address: Address, tls: ClientTls | undefined): Client {
  const target = formatAddress(address);
  if (tls === undefined) return new Client(target, credentials.createInsecure(), options);
  const { secureContext, servername, identityFault } = handshakeOf(tls, address);
  const trusting = credentials.createFromSecureContext(secureContext, {
    checkServerIdentity: (_, certificate) => identityFault(certificate),
  });
  return new Client(target, trusting, { ...options, "grpc.ssl_target_name_override": servername });
}
