import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext, type PeerCertificate, type SecureContext } from "node:tls";
import type { Address } from "./address.js";

/** The contents (not the names) of PEM files. */
export interface ClientTls {
  /** Authorities to trust instead of the system's. */
  readonly ca?: Buffer;
  /** The server's very certificate, to be trusted whoever signed it and under whatever name; no other is. */
  readonly pin?: Buffer;
  /** The client's own certificate and key, when the server asks for them. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name the server's certificate is for, when it is not the address's host. */
  readonly serverName?: string;
}

/** What a handshake with the server is made with. */
export interface Handshake {
  readonly secureContext: SecureContext;
  /** Sent to the server: a name, since TLS takes no address. */
  readonly servername: string;
  /** What is wrong with a certificate that a trusted authority has signed. */
  identityFault(certificate: PeerCertificate): Error | undefined;
}

/** Throws when the PEM texts cannot be used. */
export function handshakeOf({ ca, pin, cert, key, serverName }: ClientTls, { host }: Address): Handshake {
  const trusted = pin ?? ca;
  const secureContext = createSecureContext({
    minVersion: "TLSv1.2",
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(pin === undefined ? {} : { allowPartialTrustChain: true }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  const name = serverName ?? host;
  const pinned = pin === undefined ? undefined : new X509Certificate(pin).raw;
  return {
    secureContext,
    servername: isIP(name) === 0 ? name : "localhost",
    identityFault(certificate) {
      if (pinned === undefined) return checkServerIdentity(name, certificate);
      return pinned.equals(certificate.raw) ? undefined : new Error("another certificate than the pinned one");
    },
  };
}
