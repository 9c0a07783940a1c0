import { InvalidArgument } from "@stride/experiment";
import type { Role } from "@stride/rpc";
import { type Command, InvalidArgumentError, Option } from "commander";
import { formatTable } from "../output.js";
import { randomToken } from "../settings.js";

// The roles stand here too, so that `--help` need not load gRPC; the schema of the file refuses any other.
const roleNames = ["read", "submit", "work", "admin"] as const satisfies readonly Role[];
const dayMs = 86_400_000;

interface NewOptions {
  readonly name: string;
  readonly role: Role;
  readonly expires?: Date;
  readonly json?: true;
}

/** `stride token new|check`: entries of the coordinator's tokens file. */
export function addToken(program: Command): void {
  const token = program
    .command("token")
    .description("tokens for a coordinator's STRIDE_TOKENS_FILE (docs/security.md)");
  token
    .command("new")
    .description("make a token: printed once, with the entry for the file, which holds its hash alone")
    .requiredOption("--name <name>", "who will have it")
    .addOption(
      new Option("--role <role>", "read: look; submit: also submit and steer; work: a worker; admin: everything")
        .choices(roleNames)
        .makeOptionMandatory(),
    )
    .option("--expires <when>", "a date (2027-01-31), a time (2027-01-31T12:00:00Z) or days from now (90d)", expiry)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ stride token new --name alice --role submit --expires 90d\n" +
        "  $ stride token new --name fleet --role work --json | jq -r .token > worker.token",
    )
    .action(async ({ name, role, expires, json }: NewOptions) => {
      const [{ tokenSha256 }, { tokenName }] = await Promise.all([import("@stride/rpc"), import("../tokens-file.js")]);
      const named = tokenName.safeParse(name);
      if (!named.success) throw new InvalidArgument(`--name must be ${named.error.issues[0]?.message}`);
      const fresh = randomToken();
      const entry = {
        name,
        role,
        sha256: tokenSha256(fresh),
        ...(expires === undefined ? {} : { expires: expires.toISOString() }),
      };
      if (json) console.log(JSON.stringify({ token: fresh, entry }));
      else
        console.log(
          `token, shown this once:\n  ${fresh}\n\nentry for the tokens file, under tokens:\n  - ${flow(entry)}`,
        );
    });
  token
    .command("check")
    .description("read a tokens file as the coordinator would, and list what it holds")
    .argument("<file>", "the tokens file")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  $ stride token check /etc/stride/tokens.yaml")
    .action(async (file: string, { json }: { json?: true }) => {
      const { tokensFile } = await import("../tokens-file.js");
      const now = new Date();
      const rows = tokensFile(file, () => {})
        .current()
        .map(({ name, role, expires }) => ({
          name,
          role,
          expires: expires?.toISOString() ?? "never",
          state: expires !== undefined && expires <= now ? "expired" : "valid",
        }));
      console.log(json ? JSON.stringify(rows) : formatTable(rows));
    });
}

/** One line of YAML that any reader understands, strings quoted as JSON. */
function flow(entry: Readonly<Record<string, string>>): string {
  return `{ ${Object.entries(entry)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(", ")} }`;
}

function expiry(text: string): Date {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const date = days === undefined ? new Date(isTime ? text : Number.NaN) : new Date(Date.now() + Number(days) * dayMs);
  if (Number.isNaN(date.getTime()) || date.getTime() <= Date.now()) {
    throw new InvalidArgumentError(
      `It must be a date (2027-01-31), a time with its zone (2027-01-31T12:00:00Z) or days from now (90d), and lie ahead, got "${text}".`,
    );
  }
  return date;
}
