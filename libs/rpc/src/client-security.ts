import { InvalidArgument } from "@stride/experiment";
import type { ClientConfiguration } from "./channel.js";
import { type ClientTlsFiles, clientTlsOf, type TlsFileOptions } from "./tls-files.js";
import { tokenFile } from "./token-file.js";

/** What a client's settings say of its token and of TLS. */
export interface ClientSecurity extends ClientTlsFiles {
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** The parts of a client's configuration that these settings mean; files are read now, and again when they change. Throws InvalidArgument. */
export function clientSecurity(
  { token, tokenFile: file, ...tlsFiles }: ClientSecurity,
  options: TlsFileOptions,
): Pick<ClientConfiguration, "token" | "tls"> {
  if (token !== undefined && file !== undefined) {
    throw new InvalidArgument("STRIDE_TOKEN and STRIDE_TOKEN_FILE are both set: leave one of them out");
  }
  const given = file === undefined ? token : tokenFile(file, options);
  const tls = clientTlsOf(tlsFiles, options);
  return { ...(given === undefined ? {} : { token: given }), ...(tls === undefined ? {} : { tls }) };
}
