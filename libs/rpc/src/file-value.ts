import { statSync } from "node:fs";

/** A value that is read from files, and read again when they change. */
export interface FileValue<T> {
  /** The value of the files as they are now; while they cannot be used, the one before. Costs a `stat` a file. */
  current(): T;
  /** Hears of each new value, once somebody asks for it. */
  subscribe(listener: (value: T) => void): void;
}

export interface FileValueOptions<T> {
  readonly files: readonly string[];
  /** Reads all of them; throws what is wrong with them. */
  read(): T;
  /** Hears, once a change, why changed files cannot be used. */
  onProblem(error: unknown): void;
}

/** Throws what the first reading throws. */
export function fileValue<T>({ files, read, onProblem }: FileValueOptions<T>): FileValue<T> {
  const listeners: ((value: T) => void)[] = [];
  let seen = stateOf(files);
  let value = read();
  return {
    current() {
      const state = stateOf(files);
      if (state === seen) return value;
      seen = state;
      try {
        value = read();
      } catch (error) {
        onProblem(error);
        return value;
      }
      for (const listener of listeners) listener(value);
      return value;
    },
    subscribe: (listener) => void listeners.push(listener),
  };
}

/** Asks for the value every `everyMs`, so that its subscribers hear of changes, until disposed. */
export function watch(value: FileValue<unknown>, everyMs = 2_000): Disposable {
  const timer = setInterval(() => value.current(), everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Changes when a file is written, replaced, or reached by another link. */
function stateOf(files: readonly string[]): string {
  return files.map(stateOfFile).join(" ");
}

function stateOfFile(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch {
    return "none"; // Reading it says why.
  }
}
