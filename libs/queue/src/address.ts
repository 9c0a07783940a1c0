import { InvalidArgument } from "@stride/experiment";

/** A service's URL, taken apart so that it can be named without its secrets. */
export interface Address {
  readonly url: string;
  /** `host:port/path`, good for messages. */
  readonly place: string;
  /** The password as written and as meant; empty when there is none. */
  readonly secrets: readonly string[];
}

/** Throws `InvalidArgument` without repeating the text, which may hold a password. */
export function parseAddress(url: string, { schemes, what }: { schemes: readonly string[]; what: string }): Address {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !schemes.includes(parsed.protocol.slice(0, -1))) {
    const allowed = schemes.map((scheme) => `${scheme}://`).join(" or ");
    const came = parsed === undefined ? "a text that is no URL" : `${parsed.protocol}//…`;
    throw new InvalidArgument(`${what} must be a URL that starts with ${allowed}, got ${came}`);
  }
  const written = parsed.password;
  const secrets = written === "" ? [] : [...new Set([written, decoded(written)])];
  return { url, place: `${parsed.host}${parsed.pathname.replace(/\/$/, "")}`, secrets };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
