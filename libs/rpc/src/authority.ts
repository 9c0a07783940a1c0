import { createHash, timingSafeEqual } from "node:crypto";
import { checkedToken } from "./checked-token.js";
import { type RateLimiter, rateLimiter } from "./rate-limiter.js";
import { allows, type Need, type Role } from "./roles.js";

/** What is known of a token: never the token itself. */
export interface TokenEntry {
  /** Who has it, for messages; several entries may share a name while a token is replaced. */
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string;
  /** From then on it is refused. */
  readonly expires?: Date;
}

/** Why a call or a connection was refused: labels of a metric. */
export const refusalReasons = [
  "unauthenticated",
  "expired",
  "forbidden",
  "guessing",
  "rate",
  "busy",
  "oversized",
  "malformed",
  "connections",
  "tls",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Who calls, as far as the transport tells. */
export interface Caller {
  /** The value of the header `authorization`; undefined when there is none, or more than one. */
  readonly authorization: string | undefined;
  /** The IP address, against which wrong tokens are counted. */
  readonly peer: string;
  /** What tells the peer's connections apart, such as its port. */
  readonly connection: string;
}

/** The two services are limited apart: a fleet of workers calls far more often than people do. */
export type RateClass = "laboratory" | "worker";

export type Admission =
  | { readonly kind: "admitted"; readonly name: string; readonly role: Role }
  | { readonly kind: "refused"; readonly reason: RefusalReason; readonly message: string };

/** Who may do what, by tokens: one object for gRPC and HTTP, so that both count together. */
export interface Authority {
  /** Decides about a call, and counts it: against the token's rate, or, with a wrong token, against the peer's. */
  admit(caller: Caller, needs: Exclude<Need, "open">, rateClass: RateClass): Admission;
  /** Forgets all tokens, and knows these from the next call on. */
  replace(tokens: readonly TokenEntry[]): void;
}

export interface AuthorityOptions {
  readonly tokens: readonly TokenEntry[];
  /** Calls a second that one token may make; 0: any number. The worker's service has `workerRateFactor` times as many. */
  readonly rateLimit?: number;
  /** Milliseconds since the epoch. */
  now?(): number;
}

export const defaultRateLimit = 100;
/** Three calls a cohort: at the default rate, a token's workers may finish 1,600 cohorts a second. */
export const workerRateFactor = 50;
/** Wrong tokens from one address: so many at once, and so many a second. */
export const wrongTokens = { burst: 20, perSecond: 1 } as const;
const connectionsRemembered = 10_000;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What is kept of a token, for a tokens file. Throws InvalidArgument for one that no header can carry. */
export function tokenSha256(token: string): string {
  return digest(checkedToken(token)).toString("hex");
}

/** An authority that knows one token, which may do everything. */
export function soleAuthority(token: string, name = "STRIDE_TOKEN"): Authority {
  return createAuthority({ tokens: [{ name, role: "admin", sha256: tokenSha256(token) }], rateLimit: 0 });
}

export function createAuthority({ tokens, rateLimit = 0, now = Date.now }: AuthorityOptions): Authority {
  let known = tokens.map(withDigest);
  const wrong = rateLimiter({ ...wrongTokens, now });
  const calls = callLimiters(rateLimit, now);
  const trusted = recentlyUsed(connectionsRemembered);

  /** Every entry is compared, each in constant time. */
  const find = (authorization: string | undefined): TokenEntry | undefined => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined || token.length > 1_024) return undefined;
    const sent = digest(token);
    return known.reduce<TokenEntry | undefined>(
      (found, { entry, bytes }) => (timingSafeEqual(sent, bytes) ? entry : found),
      undefined,
    );
  };
  const isOver = ({ expires }: TokenEntry) => expires !== undefined && expires.getTime() <= now();

  return {
    admit({ authorization, peer, connection }, needs, rateClass) {
      // Whoever guesses must not learn from the answer that a guess was right; connections that had a right token go on.
      if (wrong.isEmpty(peer) && !trusted.has(`${peer} ${connection}`)) {
        return refused("guessing", "too many calls with a wrong token came from this address: try again later");
      }
      const entry = find(authorization);
      if (entry === undefined) {
        wrong.take(peer);
        return refused("unauthenticated", "a wrong token, or none");
      }
      const { name, role, expires, sha256 } = entry;
      if (expires !== undefined && isOver(entry)) {
        return refused("expired", `the token of ${name} expired at ${expires.toISOString()}`);
      }
      trusted.use(`${peer} ${connection}`);
      if (!allows(role, needs)) {
        return refused("forbidden", `this call needs the role ${needs}, and the token of ${name} has the role ${role}`);
      }
      if (calls?.[rateClass].take(sha256) === false) {
        return refused("rate", `the token of ${name} makes too many calls a second: try again later`);
      }
      return { kind: "admitted", name, role };
    },
    replace(next) {
      known = next.map(withDigest);
    },
  };
}

function withDigest(entry: TokenEntry): { readonly entry: TokenEntry; readonly bytes: Buffer } {
  const bytes = Buffer.from(entry.sha256, "hex");
  if (bytes.length !== 32) throw new Error(`the SHA-256 of the token of ${entry.name} must be 64 hex digits`);
  return { entry, bytes };
}

function refused(reason: RefusalReason, message: string): Admission {
  return { kind: "refused", reason, message };
}

/** Two seconds' worth may come at once. */
function callLimiters(rateLimit: number, now: () => number): Readonly<Record<RateClass, RateLimiter>> | undefined {
  if (rateLimit === 0) return undefined;
  const limiter = (perSecond: number) => rateLimiter({ perSecond, burst: Math.max(1, 2 * perSecond), now });
  return { laboratory: limiter(rateLimit), worker: limiter(workerRateFactor * rateLimit) };
}

/** The last so many keys that were used. */
function recentlyUsed(capacity: number): { has(key: string): boolean; use(key: string): void } {
  const keys = new Set<string>();
  return {
    has: (key) => keys.has(key),
    use(key) {
      keys.delete(key);
      keys.add(key);
      if (keys.size <= capacity) return;
      for (const oldest of keys) {
        keys.delete(oldest);
        break;
      }
    },
  };
}
