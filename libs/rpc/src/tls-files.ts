import { InvalidArgument } from "@stride/experiment";
import type { ClientTls } from "./client-tls.js";
import { type FileValue, fileValue } from "./file-value.js";
import type { ServerTls } from "./listen.js";
import { fault, isReadableByAll, type NamedFile } from "./named-file.js";
import { type CertificateFile, outOfDate, readCertificates, readKeyOf } from "./pem.js";

/** Paths of PEM files, as the server's settings give them. */
export interface ServerTlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly clientCaFile?: string | undefined;
}

/** Likewise the client's. */
export interface ClientTlsFiles {
  /** Use TLS; true where `caFile` or `pinFile` is given. */
  readonly tls?: boolean | undefined;
  /** Authorities to trust instead of the system's. */
  readonly caFile?: string | undefined;
  /** The server's very certificate: it is trusted whoever signed it, under whatever name, and no other is. */
  readonly pinFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly serverName?: string | undefined;
}

export interface TlsFileOptions {
  /** Hears what is odd and what cannot be used after a change; a line without secrets. */
  onWarning(message: string): void;
}

const warnDays = 14;
const dayMs = 86_400_000;

/** The server's certificate, which is read again when its files change; undefined without one. Throws InvalidArgument. */
export function serverTlsOf(
  { certFile, keyFile, clientCaFile }: ServerTlsFiles,
  { onWarning }: TlsFileOptions,
): FileValue<ServerTls> | undefined {
  const pair = pairOf(named("STRIDE_TLS_CERT_FILE", certFile), named("STRIDE_TLS_KEY_FILE", keyFile));
  const clientCa = named("STRIDE_TLS_CLIENT_CA_FILE", clientCaFile);
  if (pair === undefined) {
    if (clientCa === undefined) return undefined;
    throw new InvalidArgument(`${clientCa.name} needs STRIDE_TLS_CERT_FILE and STRIDE_TLS_KEY_FILE, which are not set`);
  }
  return fileValue<ServerTls>({
    files: [...pair, ...(clientCa === undefined ? [] : [clientCa])].map(({ file }) => file),
    read() {
      const cert = readCertificates(pair[0]);
      const key = readKeyOf(cert, pair[1]);
      warnOfDates(cert, onWarning);
      warnOfReaders(key, onWarning);
      if (clientCa === undefined) return { cert: cert.pem, key: key.pem };
      const authorities = readCertificates(clientCa);
      warnOfDates(authorities, onWarning);
      return { cert: cert.pem, key: key.pem, clientCa: authorities.pem };
    },
    onProblem: (error) => onWarning(`${messageOf(error)}; the certificate that was read before stays in use`),
  });
}

/** What a client trusts and shows, read again when its files change; undefined for plain text. Throws InvalidArgument. */
export function clientTlsOf(
  { tls, caFile, pinFile, certFile, keyFile, serverName }: ClientTlsFiles,
  { onWarning }: TlsFileOptions,
): FileValue<ClientTls> | undefined {
  const pair = pairOf(named("STRIDE_TLS_CLIENT_CERT_FILE", certFile), named("STRIDE_TLS_CLIENT_KEY_FILE", keyFile));
  const ca = named("STRIDE_TLS_CA_FILE", caFile);
  const pin = named("STRIDE_TLS_PIN_FILE", pinFile);
  const trusted = [ca, pin].filter((file) => file !== undefined);
  if (trusted.length === 2) throw new InvalidArgument("STRIDE_TLS_CA_FILE and STRIDE_TLS_PIN_FILE exclude each other");
  if (tls === false && trusted[0] !== undefined) {
    throw new InvalidArgument(`${trusted[0].name} asks for TLS, and STRIDE_TLS=0 for none`);
  }
  if (tls !== true && trusted.length === 0) {
    const idle = pair?.[0].name ?? (serverName === undefined ? undefined : "STRIDE_TLS_SERVER_NAME");
    if (idle === undefined) return undefined;
    throw new InvalidArgument(`${idle} needs TLS: set STRIDE_TLS=1 (the system's authorities) or STRIDE_TLS_CA_FILE`);
  }
  return fileValue<ClientTls>({
    files: [...trusted, ...(pair ?? [])].map(({ file }) => file),
    read: () => ({
      ...(ca === undefined ? {} : { ca: validAuthorities(readCertificates(ca)) }),
      ...(pin === undefined ? {} : { pin: readCertificates(pin).pem }),
      ...(pair === undefined ? {} : ownPair(pair, onWarning)),
      ...(serverName === undefined ? {} : { serverName }),
    }),
    onProblem: (error) => onWarning(`${messageOf(error)}; what was read before stays in use`),
  });
}

function named(name: string, file: string | undefined): NamedFile | undefined {
  return file === undefined ? undefined : { name, file };
}

function pairOf(cert: NamedFile | undefined, key: NamedFile | undefined): readonly [NamedFile, NamedFile] | undefined {
  if (cert !== undefined && key !== undefined) return [cert, key];
  const half = cert ?? key;
  if (half === undefined) return undefined;
  const other = half.name.includes("CERT") ? half.name.replace("CERT", "KEY") : half.name.replace("KEY", "CERT");
  throw new InvalidArgument(`${half.name} is set, and ${other} is not: a certificate and its key go together`);
}

function validAuthorities(authorities: CertificateFile): Buffer {
  const faults = authorities.certificates.map((certificate) => outOfDate(certificate, new Date()));
  const first = faults[0];
  if (first !== undefined && !faults.includes(undefined))
    throw fault(authorities, `${first}: nothing can be trusted by it`);
  return authorities.pem;
}

function ownPair(pair: readonly [NamedFile, NamedFile], onWarning: (message: string) => void) {
  const cert = readCertificates(pair[0]);
  const key = readKeyOf(cert, pair[1]);
  const dated = outOfDate(cert.certificates[0], new Date());
  if (dated !== undefined) throw fault(cert, `${dated}: the coordinator would refuse it`);
  warnOfReaders(key, onWarning);
  return { cert: cert.pem, key: key.pem };
}

function warnOfDates({ name, file, certificates }: CertificateFile, onWarning: (message: string) => void): void {
  const now = new Date();
  const [certificate] = certificates;
  const dated = outOfDate(certificate, now);
  const left = Math.floor((new Date(certificate.validTo).getTime() - now.getTime()) / dayMs);
  if (dated !== undefined) onWarning(`${name}: ${file} ${dated}: connections that depend on it fail`);
  else if (left < warnDays) onWarning(`${name}: ${file} expires at ${new Date(certificate.validTo).toISOString()}`);
}

function warnOfReaders(key: NamedFile, onWarning: (message: string) => void): void {
  if (isReadableByAll(key)) {
    onWarning(
      `${key.name}: ${key.file} is readable by every user of this machine: chmod 600 it, and replace it if others have been there`,
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
