import { createHash } from "node:crypto";

/** Default exports of users' modules, by the SHA-256 (64 hex digits) of their text. */
export type LoadedModules = ReadonlyMap<string, unknown>;

/** Thrown when a module cannot be loaded; `line` counts from 1 where it is known. */
export class ModuleNotLoaded extends Error {
  override readonly name = "ModuleNotLoaded";
  readonly line: number | undefined;
  constructor(message: string, { line, cause }: { readonly line?: number | undefined; readonly cause?: unknown } = {}) {
    super(message, { cause });
    this.line = line;
  }
}

/** Loads sources by their hashes, which runs them. Throws `ModuleNotLoaded`, also for a source that is not what its hash says. */
export async function loadModules(sources: Readonly<Record<string, string>>): Promise<LoadedModules> {
  const loaded = new Map<string, unknown>();
  for (const [sha256, source] of Object.entries(sources)) loaded.set(sha256, await loadModule(source, sha256));
  return loaded;
}

async function loadModule(source: string, sha256: string): Promise<unknown> {
  const found = createHash("sha256").update(source, "utf8").digest("hex");
  if (found !== sha256) throw new ModuleNotLoaded(`a module's text has the hash ${found} and should have ${sha256}`);
  let namespace: Readonly<Record<string, unknown>>;
  try {
    // Imported by its content: the same text is one module in a process, and two texts never meet.
    namespace = await import(
      /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`
    );
  } catch (error) {
    throw explained(error);
  }
  if (!("default" in namespace)) throw new ModuleNotLoaded("has no default export");
  return namespace.default;
}

/** What went wrong, without the text of the module that its address carries. */
function explained(cause: unknown): ModuleNotLoaded {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const message = withoutAddress(cause instanceof Error ? cause.message : String(cause));
  const line = lineOf(cause);
  if (/^ERR_(MODULE_NOT_FOUND|UNSUPPORTED_\w+|INVALID_MODULE_SPECIFIER|NETWORK_IMPORT_DISALLOWED)$/.test(code)) {
    const wanted = /["'](?!data:)([^"']+)["']/.exec(message)?.[1];
    const what = wanted === undefined ? "another file" : JSON.stringify(wanted);
    return new ModuleNotLoaded(`imports ${what}: a module must be one file, so bundle it (docs/your-own-task.md)`, {
      line,
      cause,
    });
  }
  if (cause instanceof SyntaxError) return new ModuleNotLoaded(`is not JavaScript: ${message}`, { line, cause });
  return new ModuleNotLoaded(`throws while it is loaded: ${message}`, { line, cause });
}

function withoutAddress(message: string): string {
  return message.replace(/data:text\/javascript;base64,[\w+/=]*/g, "the module");
}

/** The line of a module at which an error arose, from 1; undefined when it arose elsewhere. */
export function lineOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const found = /data:text\/javascript;base64,[\w+/=]*:(\d+)/.exec(error.stack)?.[1];
  return found === undefined ? undefined : Number(found);
}
