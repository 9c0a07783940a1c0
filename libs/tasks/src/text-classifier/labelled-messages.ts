import { spamAssassin } from "../spam-assassin/spam-assassin.js";
import { vocabulary, wordsOf } from "../spam-assassin/word-counts.js";
import type { DataSet } from "../task.js";
import { textClasses } from "./spec.js";

export interface LabelledMessagesRequest {
  readonly split: "training" | "test";
  /** How many messages, spread evenly over the split. */
  readonly count: number;
  /** The most frequent words, which alone are seen. */
  readonly words: number;
  /** Words seen of a message, from its beginning. */
  readonly length: number;
}

const made = new Map<string, Promise<DataSet>>();

/**
 * Messages as `shares` `[words]`, which part of its seen words each word is (all 0 for a message without any), and one-hot `labels`
 * `[2]`, ham and spam. One object for one request, so that executors can keep its tensors.
 */
export function labelledMessages(request: LabelledMessagesRequest): Promise<DataSet> {
  const key = `${request.split} ${request.count} ${request.words} ${request.length}`;
  const read = made.get(key) ?? readMessages(request);
  made.set(key, read);
  // A failed read is not kept: the next one may find the files.
  read.catch(() => made.delete(key));
  return read;
}

async function readMessages({ split, count, words, length }: LabelledMessagesRequest): Promise<DataSet> {
  const [messages, known] = await Promise.all([spamAssassin({ split, count }), vocabulary(words)]);
  const column = new Map(known.map((word, i) => [word, i]));
  const shares = new Float32Array(count * words);
  const labels = new Float32Array(count * textClasses);
  messages.forEach(({ text, label }, row) => {
    labels[row * textClasses + (label === "spam" ? 1 : 0)] = 1;
    const seen = wordsOf(text)
      .flatMap((word) => column.get(word) ?? [])
      .slice(0, length);
    for (const i of seen) shares[row * words + i] = (shares[row * words + i] as number) + 1 / seen.length;
  });
  return {
    size: count,
    arrays: [
      { name: "shares", shape: [words], values: shares },
      { name: "labels", shape: [textClasses], values: labels },
    ],
  };
}
