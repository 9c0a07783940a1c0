/** Certificates for tests: an authority of their own, and what it signs. Nothing here is used outside tests. */
import { webcrypto } from "node:crypto";

type Keys = webcrypto.CryptoKeyPair;

/** PEM texts. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  readonly commonName?: string;
  /** What the certificate is for; localhost and 127.0.0.1 when left out. */
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

export interface TestAuthority {
  /** Its own certificate, in PEM. */
  readonly cert: string;
  issue(options?: IssueOptions): Promise<IssuedCertificate>;
}

const dayMs = 86_400_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export async function testAuthority(name = "Test authority"): Promise<TestAuthority> {
  await import("reflect-metadata"); // Which the certificate library needs, and does not bring.
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(webcrypto as never);
  const keys = await newKeys();
  const subject = `CN=${name}`;
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 365 * dayMs),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    cert: own.toString("pem"),
    async issue({ commonName = "coordinator", names = ["localhost"], addresses = ["127.0.0.1"], ...dates } = {}) {
      const pair = await newKeys();
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: subject,
        publicKey: pair.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: dates.validFrom ?? new Date(Date.now() - dayMs),
        notAfter: dates.validTo ?? new Date(Date.now() + 90 * dayMs),
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            ...names.map((value) => ({ type: "dns" as const, value })),
            ...addresses.map((value) => ({ type: "ip" as const, value })),
          ]),
        ],
      });
      return { cert: certificate.toString("pem"), key: await pemOfKey(pair.privateKey) };
    },
  };
}

async function newKeys(): Promise<Keys> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function pemOfKey(key: Keys["privateKey"]): Promise<string> {
  const lines = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key))
    .toString("base64")
    .match(/.{1,64}/g);
  return `-----BEGIN PRIVATE KEY-----\n${lines?.join("\n")}\n-----END PRIVATE KEY-----\n`;
}
