import { InvalidArgument } from "@stride/experiment";
import {
  type Authority,
  createAuthority,
  defaultRateLimit,
  type FileValue,
  type ServerTls,
  serverTlsOf,
  type TokenEntry,
  tokenSha256,
  watch,
} from "@stride/rpc";
import type { Settings } from "./settings.js";
import { tokensFile } from "./tokens-file.js";

/** Who may come in, and how: one authority and one certificate for every listener of a coordinator. */
export interface Doors extends Disposable {
  readonly authority: Authority;
  /** Of the pages: undefined where neither a token nor a file is set, and so none but this machine is served. */
  readonly pageAuthority: Authority | undefined;
  /** Undefined for plain text. */
  readonly tls: FileValue<ServerTls> | undefined;
  /** A token for this machine's own worker, which may do everything. */
  readonly localToken: string;
}

export interface OpenDoorsOptions {
  readonly settings: Settings;
  /** Lets this machine's own worker in where no token is set; asked for then alone. */
  ownToken(): Promise<string>;
  /** `host:port` of each listener that asks for tokens. */
  readonly listen: readonly string[];
  onWarning(message: string): void;
  /** How often files are looked at, in milliseconds. */
  readonly everyMs?: number;
}

/** Reads certificate and tokens, and again when their files change. Throws InvalidArgument. */
export async function openDoors(options: OpenDoorsOptions): Promise<Doors> {
  const { settings, listen, onWarning, everyMs } = options;
  const { serverSecurity, token } = settings;
  const beyond = listen.find((address) => !isLoopback(address));
  if (beyond !== undefined && token === undefined && serverSecurity.tokensFile === undefined) {
    throw new InvalidArgument(
      `listening on ${beyond} lets other machines in: set STRIDE_TOKEN or STRIDE_TOKENS_FILE, and the token for their workers too`,
    );
  }
  const tls = serverTlsOf(serverSecurity, { onWarning });
  if (beyond !== undefined && tls === undefined) {
    onWarning(
      `${beyond} is reached by other machines in plain text: tokens and results can be read on the way; ` +
        "set STRIDE_TLS_CERT_FILE and STRIDE_TLS_KEY_FILE, or keep to a network that you trust",
    );
  }
  const localToken = token ?? (await options.ownToken());
  const local: TokenEntry = {
    name: token === undefined ? "this machine" : "STRIDE_TOKEN",
    role: "admin",
    sha256: tokenSha256(localToken),
  };
  const file = serverSecurity.tokensFile === undefined ? undefined : tokensFile(serverSecurity.tokensFile, onWarning);
  const authority = createAuthority({
    tokens: [local, ...(file?.current() ?? [])],
    rateLimit: serverSecurity.rateLimit ?? defaultRateLimit,
  });
  file?.subscribe((entries) => {
    authority.replace([local, ...entries]);
    onWarning(`STRIDE_TOKENS_FILE was read again: ${entries.length} tokens`);
  });
  tls?.subscribe(() => onWarning("STRIDE_TLS_CERT_FILE was read again: new connections see the new certificate"));
  const watches = [file, tls].flatMap((value) => (value === undefined ? [] : [watch(value, everyMs)]));
  const open = token === undefined && file === undefined;
  return {
    authority,
    pageAuthority: open ? undefined : authority,
    tls,
    localToken,
    [Symbol.dispose]() {
      for (const each of watches) each[Symbol.dispose]();
    },
  };
}

/** What a user may write for a loopback address; anything else is taken for one that others reach. */
export function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):/.test(address);
}
