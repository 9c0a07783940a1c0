import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { fault, type NamedFile, readNamedFile } from "./named-file.js";

/** The certificates of a PEM file, in its order: at least one. */
export interface CertificateFile extends NamedFile {
  readonly pem: Buffer;
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Throws InvalidArgument that names the setting and its file. */
export function readCertificates(named: NamedFile): CertificateFile {
  const pem = readNamedFile(named);
  const [first, ...rest] = (pem.toString("latin1").match(block) ?? []).map((text, index) => {
    try {
      return new X509Certificate(text);
    } catch (error) {
      throw fault(named, `is damaged: its certificate number ${index + 1} cannot be read`, error);
    }
  });
  if (first === undefined) {
    const instead = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem.toString("latin1")) ? ", but a private key" : "";
    throw fault(named, `holds no certificate in PEM (-----BEGIN CERTIFICATE-----)${instead}`);
  }
  return { ...named, pem, certificates: [first, ...rest] };
}

export interface KeyFile extends NamedFile {
  readonly pem: Buffer;
}

/** The private key that belongs to the first of the certificates. Throws InvalidArgument, which shows nothing of the key. */
export function readKeyOf(certificate: CertificateFile, named: NamedFile): KeyFile {
  const pem = readNamedFile(named);
  const text = pem.toString("latin1");
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw fault(named, "is encrypted with a passphrase, which nobody can type here: give a key without one");
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw fault(named, "holds no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw fault(named, "is damaged: its private key cannot be read");
  }
  if (!certificate.certificates[0].checkPrivateKey(key)) {
    throw fault(named, `is not the key of the certificate in ${certificate.file} (${certificate.name})`);
  }
  return { ...named, pem };
}

/** "expired at …" or "is valid from … on alone", or undefined at a time when the certificate is valid. */
export function outOfDate({ validFrom, validTo }: X509Certificate, now: Date): string | undefined {
  if (now > new Date(validTo)) return `expired at ${new Date(validTo).toISOString()}`;
  if (now < new Date(validFrom)) return `is not valid before ${new Date(validFrom).toISOString()}`;
  return undefined;
}
