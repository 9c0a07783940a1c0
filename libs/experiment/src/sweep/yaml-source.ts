import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { InvalidSweepFile, type SweepIssue } from "../errors.js";

export type Path = readonly (string | number)[];

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text, read: its value, and where each part of it stands. */
export interface YamlSource {
  readonly value: unknown;
  /** Where the value at a path begins; where it is missing, the nearest thing around it. */
  place(path: Path): Place;
  /** Where a key of the mapping at a path begins. */
  keyPlace(path: Path, key: string): Place;
}

const mostCharacters = 1_000_000;
const deepest = 64;

/** Reads one YAML 1.2 document. Throws `InvalidSweepFile` for anything YAML itself objects to, or that YAML allows and is a trap. */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const refuse = (issues: readonly SweepIssue[]) => new InvalidSweepFile(file, issues);
  const at = (offset: number, message: string): SweepIssue => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path: "", message };
  };
  const atStart = (message: string) => refuse([{ line: 1, column: 1, path: "", message }]);
  if (text.length > mostCharacters) {
    throw atStart(`the file must not exceed ${mostCharacters} characters, got ${text.length}`);
  }
  let document: Document.Parsed;
  try {
    document = parseDocument(text.replace(/^\uFEFF/, ""), {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof RangeError) throw atStart(`the file is nested deeper than ${deepest} levels`);
    throw error;
  }
  const errors = [...document.errors, ...document.warnings];
  const repeated = errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const other = errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (other !== undefined)
    throw refuse([at(other.pos[0], messages[other.code] ?? `is not valid YAML: ${other.message}`)]);
  if (repeated.length > 0) {
    throw refuse(repeated.map(({ pos }) => at(pos[0], `the key ${keyAt(text, pos)} stands here a second time`)));
  }
  const traps = findTraps(document).map(({ offset, message }) => at(offset, message));
  if (traps.length > 0) throw refuse(traps.slice(0, 1));

  const startOf = (node: unknown, fallback: number) => (node as Node | null)?.range?.[0] ?? fallback;
  function offsetOf(path: Path): number {
    let node: unknown = document.contents;
    let offset = startOf(node, 0);
    for (const part of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
        if (pair === undefined) return offset;
        const keyOffset = startOf(pair.key, offset);
        node = pair.value;
        offset = isScalar(node) && node.value === null && node.source === "" ? keyOffset : startOf(node, keyOffset);
      } else if (isSeq(node)) {
        node = node.items[part as number];
        offset = startOf(node, offset);
      } else return offset;
    }
    return offset;
  }
  function keyOffset(path: Path, key: string): number {
    let node: unknown = document.contents;
    for (const part of path) {
      if (isMap(node)) node = node.get(part, true);
      else if (isSeq(node)) node = node.items[part as number];
    }
    const pair = isMap(node)
      ? node.items.find((each) => isScalar(each.key) && String(each.key.value) === key)
      : undefined;
    return pair === undefined ? offsetOf(path) : startOf(pair.key, offsetOf(path));
  }
  const placeOf = (offset: number): Place => {
    const { line, column } = at(offset, "");
    return { line, column };
  };
  return {
    value: document.toJS(),
    place: (path) => placeOf(offsetOf(path)),
    keyPlace: (path, key) => placeOf(keyOffset(path, key)),
  };
}

const messages: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second YAML document begins here: a file holds one sweep",
  TAB_AS_INDENT: "a tab is used for indentation: YAML allows spaces alone",
};

function keyAt(text: string, [from]: readonly [number, number]): string {
  return JSON.stringify(/^[^:\n]{0,60}/.exec(text.slice(from))?.[0].trim() ?? "");
}

/** What YAML allows and a sweep file does not. */
function findTraps(document: Document): { readonly offset: number; readonly message: string }[] {
  const traps: { offset: number; message: string }[] = [];
  const offsetOf = (node: unknown) => (node as Node | null)?.range?.[0] ?? 0;
  visit(document, {
    Alias(_key, node) {
      traps.push({
        offset: offsetOf(node),
        message: `the alias *${node.source} must be written out: aliases are refused`,
      });
    },
    Pair(_key, { key }) {
      if (!isScalar(key) || key.value === null || typeof key.value === "object") {
        traps.push({ offset: offsetOf(key), message: "a key must be a plain word" });
      }
    },
    Collection(_key, node, ancestors) {
      if (ancestors.length > 2 * deepest) {
        traps.push({ offset: offsetOf(node), message: `the file is nested deeper than ${deepest} levels` });
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return traps.sort((left, right) => left.offset - right.offset);
}
