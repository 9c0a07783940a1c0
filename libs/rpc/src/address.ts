import { isIP } from "node:net";
import { InvalidArgument } from "@stride/experiment";

export interface Address {
  /** A name or an IP address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Reads "host:port" or "[IPv6]:port"; `name` is what the error calls it. */
export function parseAddress(name: string, text: string): Address {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:/[\]\s]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.six ?? match?.groups?.host;
  const port = Number(match?.groups?.port);
  const bracketed = match?.groups?.six !== undefined;
  if (host === undefined || port > 65_535 || (bracketed && isIP(host) !== 6)) {
    throw new InvalidArgument(
      `${name} must be "host:port" or "[IPv6]:port" with a port from 0 to 65535, got ${JSON.stringify(text)}`,
    );
  }
  return { host, port };
}

/** The inverse of `parseAddress`. */
export function formatAddress({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True for an IP address that only this machine can reach. */
export function isLoopback(ip: string): boolean {
  return isIP(ip) === 4 ? ip.startsWith("127.") : ip === "::1" || ip.startsWith("::ffff:127.");
}
