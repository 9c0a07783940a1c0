import { readFile } from "node:fs/promises";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** Shorter texts are no secrets, and blanking them out would spoil everything else. */
const shortest = 6;
const urls = [
  "STRIDE_DATABASE_URL",
  "STRIDE_REDIS_URL",
  "STRIDE_QUEUE_URL",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/** Every secret of this installation that can be read from here: tokens, passwords, headers of the collector. */
export async function knownSecrets(home: string, environment: Environment): Promise<readonly string[]> {
  const files = [join(home, "token"), join(home, "postgres", "cluster", "password"), environment.STRIDE_TOKEN_FILE];
  const texts = await Promise.all(files.map(textOf));
  const coordinator = await textOf(join(home, "coordinator.json"));
  const headers = [environment.OTEL_EXPORTER_OTLP_HEADERS, environment.OTEL_EXPORTER_OTLP_TRACES_HEADERS];
  const found = [
    environment.STRIDE_TOKEN,
    ...texts,
    ...coordinatorSecrets(coordinator),
    ...urls.flatMap((name) => passwordsOf(environment[name])),
    ...headers.flatMap((header) => (header ?? "").split(",").map((pair) => pair.slice(pair.indexOf("=") + 1))),
  ];
  const secrets = found.map((text) => text?.trim() ?? "").filter(({ length }) => length >= shortest);
  // The longest first: one may be part of another.
  return [...new Set(secrets)].sort((left, right) => right.length - left.length);
}

/** Blanks out the secrets that are known, and what looks like one: passwords in URLs, bearer tokens, values of telling names. */
export function scrub(text: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return known
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, "$1***@")
    .replace(/\b(bearer|basic)\s+[^\s"',;]+/gi, "$1 ***")
    .replace(/\b((?:[\w-]*(?:password|passwd|secret|token|api[-_]?key))["']?\s*[=:]\s*["']?)[^\s"',;&]+/gi, "$1***");
}

async function textOf(file: string | undefined): Promise<string | undefined> {
  return file === undefined || file === "" ? undefined : await readFile(file, "utf8").catch(() => undefined);
}

function coordinatorSecrets(text: string | undefined): readonly (string | undefined)[] {
  try {
    const { token, queueUrl } = JSON.parse(text ?? "{}") as { readonly token?: string; readonly queueUrl?: string };
    return [token, ...passwordsOf(queueUrl)];
  } catch {
    return [];
  }
}

/** As written and as meant. */
function passwordsOf(url: string | undefined): readonly string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  const written = [password, searchParams.get("password") ?? ""];
  return written.flatMap((each) => [each, decoded(each)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
