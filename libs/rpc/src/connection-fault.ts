import type { X509Certificate } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import type { Address } from "./address.js";
import { type ClientTls, type Handshake, handshakeOf } from "./client-tls.js";
import { outOfDate } from "./pem.js";

const patienceMs = 3_000;

/**
 * Why no trusted connection can be made, found out by one more handshake: gRPC says little more than "unavailable". Undefined when nothing is
 * wrong with it, or when nobody answers at all.
 */
export function connectionFault(address: Address, tls: ClientTls | undefined): Promise<string | undefined> {
  const { identityFault, ...handshake } = handshakeOf(tls ?? {}, address);
  return new Promise((resolve) => {
    const socket = connect({ ...address, ...handshake, ALPNProtocols: ["h2"], rejectUnauthorized: false });
    const settle = (reason: string | undefined) => {
      resolve(reason);
      socket.destroy();
    };
    let trusted = false;
    socket.setTimeout(patienceMs, () => settle(undefined));
    socket.once("secureConnect", () => {
      if (tls === undefined) return settle(speaksTls);
      const fault = certificateFault(socket, tls, address, identityFault);
      if (fault !== undefined) return settle(fault);
      trusted = true; // Whether the server trusts us it tells next: by its first bytes, or by going away.
      return undefined;
    });
    socket.on("data", () => settle(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => settle(handshakeFault(error, { tls, trusted })));
    socket.once("close", () => settle(trusted ? distrusted(tls) : undefined));
  });
}

const speaksTls =
  "it speaks TLS: set STRIDE_TLS_CA_FILE to its authority's certificate, or STRIDE_TLS=1 if the system trusts that";
const needsCertificate =
  "it asks for a client's certificate: set STRIDE_TLS_CLIENT_CERT_FILE and STRIDE_TLS_CLIENT_KEY_FILE to one that its authority for clients has signed";

function certificateFault(
  socket: TLSSocket,
  { serverName, pin }: ClientTls,
  { host }: Address,
  identityFault: Handshake["identityFault"],
): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return "it showed no certificate";
  // Our own check of the name comes below: the socket checks another, which it was given for the server.
  const code = socket.authorizationError as unknown as string | null;
  const dated = outOfDate(certificate, new Date());
  if (dated !== undefined) return `its certificate ${dated}`;
  if (pin !== undefined && identityFault(certificate.toLegacyObject()) !== undefined) {
    return "its certificate is not the one in STRIDE_TLS_PIN_FILE";
  }
  if (code === "CERT_HAS_EXPIRED")
    return "the certificate of an authority between its own and a trusted one has expired";
  if (code !== null && code !== undefined && code !== "ERR_TLS_CERT_ALTNAME_INVALID")
    return untrusted(certificate, code);
  if (identityFault(certificate.toLegacyObject()) === undefined) return undefined;
  const names = certificate.subjectAltName ?? certificate.subject.replaceAll("\n", ", ");
  return `its certificate is for ${names}, not for ${serverName ?? host}: set STRIDE_TLS_SERVER_NAME to a name that it is for`;
}

function untrusted({ issuer }: X509Certificate, code: string): string {
  const by = issuer.replaceAll("\n", ", ");
  return `its certificate was signed by ${by}, which is not trusted here (${code}): set STRIDE_TLS_CA_FILE to its authority's certificate`;
}

interface Stage {
  readonly tls: ClientTls | undefined;
  /** Whether the server's certificate was found good. */
  readonly trusted: boolean;
}

function handshakeFault({ code = "", message }: NodeJS.ErrnoException, { tls, trusted }: Stage): string | undefined {
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code) && tls?.cert === undefined) {
    return tls === undefined ? speaksTls : needsCertificate;
  }
  if (tls === undefined) return /ALERT/.test(code) ? speaksTls : undefined;
  if (/ALERT/.test(code)) return `it refused the handshake (${code})`;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)) {
    return "it does not speak TLS: give it a certificate, or leave STRIDE_TLS and STRIDE_TLS_CA_FILE out";
  }
  if (trusted) return distrusted(tls);
  return code.startsWith("ERR_SSL") ? `the handshake failed (${message})` : undefined;
}

/** Of a server that went away after a handshake that was good for us. */
function distrusted(tls: ClientTls | undefined): string {
  if (tls?.cert === undefined) return needsCertificate;
  return "it closed the connection when it saw the certificate in STRIDE_TLS_CLIENT_CERT_FILE: did its authority for clients sign that?";
}
