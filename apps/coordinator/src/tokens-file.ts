import { InvalidArgument } from "@stride/experiment";
import { type FileValue, fileValue, readNamedFile, roles, type TokenEntry } from "@stride/rpc";
import { parseDocument } from "yaml";
import { z } from "zod";

const mostTokens = 1_000;
const nameForm = "1 to 100 letters, digits, spaces and . _ @ - that begin with a letter or digit";

/** A token's name, as files and `stride token new` take it. */
export const tokenName = z
  .string({ error: nameForm })
  .refine((name) => /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,99}$/.test(name), { error: nameForm });

const timeForm = "a time in ISO 8601 with its zone, such as 2027-01-31T00:00:00Z";
const hashForm = "the SHA-256 of the token, 64 hex digits (stride token new prints one)";

const entrySchema = z.strictObject(
  {
    name: tokenName,
    role: z.enum(roles, { error: `one of ${roles.join(", ")}` }),
    sha256: z.string({ error: hashForm }).regex(/^[0-9a-fA-F]{64}$/, { error: hashForm }),
    expires: z.iso.datetime({ offset: true, error: timeForm }).optional(),
  },
  { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : "a mapping with name, role and sha256") },
);
const listForm = `a list of at most ${mostTokens} tokens`;
const fileSchema = z.strictObject(
  { tokens: z.array(entrySchema, { error: listForm }).max(mostTokens, { error: listForm }) },
  { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : "a mapping with tokens") },
);

/**
 * Parses a tokens file (docs/security.md). Throws InvalidArgument with everything that is wrong, and never shows what stands where a hash
 * should: it may be a token.
 */
export function parseTokens(text: string): TokenEntry[] {
  const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
  const [fault] = document.errors;
  if (fault !== undefined) throw new InvalidArgument(`is not YAML (at character ${fault.pos[0]})`);
  const value = plainValue(document);
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw new InvalidArgument(parsed.error.issues.map((issue) => explain(issue, value)).join("; "));
  const entries = parsed.data.tokens.map(({ expires, ...entry }) => ({
    ...entry,
    sha256: entry.sha256.toLowerCase(),
    ...(expires === undefined ? {} : { expires: new Date(expires) }),
  }));
  const firsts = new Map<string, number>();
  for (const [index, { sha256 }] of entries.entries()) {
    const first = firsts.get(sha256);
    if (first !== undefined) throw new InvalidArgument(`tokens[${index}].sha256 stands at tokens[${first}] already`);
    firsts.set(sha256, index);
  }
  return entries;
}

/** The tokens of a file, read again when it changes; while it cannot be used, those read before stay in force. */
export function tokensFile(file: string, onWarning: (message: string) => void): FileValue<readonly TokenEntry[]> {
  const named = { name: "STRIDE_TOKENS_FILE", file };
  return fileValue({
    files: [file],
    read() {
      const text = readNamedFile(named).toString("utf8");
      try {
        return parseTokens(text);
      } catch (error) {
        if (!(error instanceof InvalidArgument)) throw error;
        throw new InvalidArgument(`${named.name}: ${file}: ${error.message}`);
      }
    },
    onProblem: (error) =>
      onWarning(`${error instanceof Error ? error.message : String(error)}; the tokens read before stay in force`),
  });
}

function plainValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new InvalidArgument("must be written out: aliases are refused");
  }
}

function explain(issue: z.core.$ZodIssue, value: unknown): string {
  const place = issue.path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
  const where = place === "" ? "the file" : place;
  if (issue.code === "unrecognized_keys") {
    const allowed = place === "" ? "tokens" : "name, role, sha256, expires";
    return `${where} has the unknown key ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}: allowed are ${allowed}`;
  }
  return `${where} must be ${issue.message}, ${whatCame(issue.path, value)}`;
}

function whatCame(path: readonly PropertyKey[], value: unknown): string {
  const came = path.reduce<unknown>(
    (inner, part) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, part) : undefined),
    value,
  );
  if (came === undefined || came === null) return "and is not there";
  const shown = ["name", "role", "expires"].includes(String(path.at(-1))) && typeof came !== "object";
  return shown ? `got ${JSON.stringify(came).slice(0, 120)}` : "got something else";
}
