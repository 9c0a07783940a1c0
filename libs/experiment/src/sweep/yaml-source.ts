import {
  Composer,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  visit,
  type YAMLMap,
} from "yaml";
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
/** Control characters but tabs and ends of lines; databases refuse the first of them, and terminals obey others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const invisible = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/;
const mostKeys = 1_000;
const deepest = 64;
const twoDocuments = "a second YAML document begins here: a file holds one sweep";
const tooDeep = `the file is nested deeper than ${deepest} levels`;

/** Reads one YAML 1.2 document. Throws `InvalidSweepFile` for anything YAML itself objects to, or that YAML allows and is a trap. */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const { document, problems } = parseYaml(text.replace(/^\uFEFF/, ""), lines);
  if (document === undefined || problems.length > 0) {
    const issues = problems.map(({ offset, message }): SweepIssue => ({ ...placeOf(offset), path: "", message }));
    throw new InvalidSweepFile(file, issues);
  }
  return {
    value: document.toJS(),
    place: (path) => placeOf(find(document, path).offset),
    keyPlace(path, key) {
      const { node, offset } = find(document, path);
      return placeOf(startOf(isMap(node) ? pairOf(node, key)?.key : undefined, offset));
    },
  };
}

interface Problem {
  readonly offset: number;
  readonly message: string;
}

function parseYaml(text: string, lineCounter: LineCounter): { document?: Document; problems: readonly Problem[] } {
  if (text.length > mostCharacters) {
    return {
      problems: [{ offset: 0, message: `the file must not exceed ${mostCharacters} characters, got ${text.length}` }],
    };
  }
  const control = invisible.exec(text);
  if (control !== null) {
    for (const { index } of text.slice(0, control.index).matchAll(/^/gm)) lineCounter.addNewLine(index);
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return {
      problems: [
        { offset: control.index, message: `the control character U+${code} stands here: a sweep file is text` },
      ],
    };
  }
  const composed = compose(text, lineCounter);
  if ("offset" in composed) return { problems: [composed] };
  const [document, second] = composed;
  if (document === undefined) return { problems: [{ offset: 0, message: "this is not YAML" }] };
  const errors = [...document.errors, ...document.warnings];
  const first = errors.find(({ code }) => code !== "DUPLICATE_KEY");
  if (first === undefined && second !== undefined)
    return { problems: [{ offset: second.range[0], message: twoDocuments }] };
  if (first !== undefined) {
    const message = messages[first.code] ?? `this is not YAML: ${first.message}`;
    return { problems: [{ offset: first.pos[0], message }] };
  }
  const repeated = errors.map(({ pos: [offset] }) => ({
    offset,
    message: `the key ${keyAt(text, offset)} stands here a second time`,
  }));
  return { document, problems: repeated.length > 0 ? repeated : trapsIn(document).slice(0, 1) };
}

type Documents = readonly Document.Parsed<ParsedNode>[];

/**
 * The text's documents, or where it nests too deeply, which is seen among its tokens: composing them recurses, and where a stack overflows in
 * the middle of compiling a regular expression the whole process ends.
 */
function compose(text: string, lineCounter: LineCounter): Documents | Problem {
  let deep: Problem | undefined;
  function* tokens() {
    const parser = new Parser(lineCounter.addNewLine);
    lineCounter.addNewLine(0);
    for (const lexeme of new Lexer().lex(text)) {
      const { offset } = parser;
      yield* parser.next(lexeme);
      if (parser.stack.length > deepest && parser.stack.filter(({ type }) => collections.has(type)).length > deepest) {
        deep = { offset, message: tooDeep };
        return;
      }
    }
    yield* parser.end();
  }
  const composer = new Composer({ prettyErrors: false, logLevel: "error" });
  const documents = [...composer.compose(tokens(), true, text.length)];
  return deep ?? documents;
}

const collections: ReadonlySet<string> = new Set(["flow-collection", "block-map", "block-seq"]);

function pairOf(map: YAMLMap, key: string | number) {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

function startOf(node: unknown, otherwise: number): number {
  return isNode(node) ? (node.range?.[0] ?? otherwise) : otherwise;
}

/** The node at a path and where it begins; where there is none, the place of the nearest thing around it. */
function find(document: Document, path: Path): { readonly node: unknown; readonly offset: number } {
  let node: unknown = document.contents;
  let offset = startOf(node, 0);
  for (const part of path) {
    if (isMap(node)) {
      const pair = pairOf(node, part);
      offset = startOf(pair?.key, offset);
      node = pair?.value;
      const isLeftOut = isScalar(node) && node.value === null && node.source === "";
      if (!isLeftOut) offset = startOf(node, offset);
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node, offset);
    } else return { node: undefined, offset };
  }
  return { node, offset };
}

const messages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "a tab is used for indentation: YAML allows spaces alone",
};

function keyAt(text: string, offset: number): string {
  return JSON.stringify(/^[^:\n]{0,60}/.exec(text.slice(offset))?.[0].trim() ?? "");
}

/** What YAML allows and a sweep file does not. */
function trapsIn(document: Document): readonly Problem[] {
  const traps: Problem[] = [];
  visit(document, {
    Alias(_key, node) {
      const message = `the alias *${node.source} must be written out: aliases are refused`;
      traps.push({ offset: startOf(node, 0), message });
    },
    Pair(_key, { key }) {
      if (isScalar(key) && key.value !== null) return;
      traps.push({ offset: startOf(key, 0), message: "a key must be a plain word" });
    },
    Map(_key, node) {
      if (node.items.length <= mostKeys) return undefined;
      const message = `a mapping must not have more than ${mostKeys} keys, got ${node.items.length}`;
      traps.push({ offset: startOf(node, 0), message });
      return visit.BREAK;
    },
  });
  return traps.sort((left, right) => left.offset - right.offset);
}
