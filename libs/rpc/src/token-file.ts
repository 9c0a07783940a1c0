import { checkedToken } from "./checked-token.js";
import { type FileValue, fileValue } from "./file-value.js";
import { fault, isReadableByAll, readNamedFile } from "./named-file.js";
import type { TlsFileOptions } from "./tls-files.js";

/**
 * The token in a file, on its one line; read again when the file changes, and the one before stays in use while it cannot be read.
 * Throws InvalidArgument, which does not show it.
 */
export function tokenFile(file: string, { onWarning }: TlsFileOptions): FileValue<string> {
  const named = { name: "STRIDE_TOKEN_FILE", file };
  return fileValue({
    files: [file],
    read() {
      const text = readNamedFile(named).toString("utf8").trim();
      if (isReadableByAll(named)) {
        onWarning(`STRIDE_TOKEN_FILE: ${file} is readable by every user of this machine: chmod 600 it`);
      }
      try {
        return checkedToken(text);
      } catch {
        throw fault(named, "must hold one token: a line of 1 to 1024 visible ASCII characters without spaces");
      }
    },
    onProblem: (error) => onWarning(`${error instanceof Error ? error.message : error}; the token before stays in use`),
  });
}
