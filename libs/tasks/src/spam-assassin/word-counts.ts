import { type SpamAssassinRequest, spamAssassin } from "./spam-assassin.js";

/** Training messages, spread evenly, on which words are ranked: the ranking is the same whatever is read besides, and takes 0.5 s. */
const ranking = { split: "training", count: 1024 } as const;

/** Words that are ranked; rarer ones stand in one or two of those messages. */
export const mostWords = 10_000;

/** The words of a text in order: runs of 2 to 20 letters a–z in lower case, without what stands in tags. */
export function wordsOf(text: string): readonly string[] {
  return (
    text
      .replace(/<[^>]*>/g, " ")
      .toLowerCase()
      .match(/(?<![a-z])[a-z]{2,20}(?![a-z])/g) ?? []
  );
}

let ranked: Promise<readonly string[]> | undefined;

/** The `count` most frequent words of the training messages, the most frequent first; equally frequent ones by the alphabet. */
export async function vocabulary(count: number): Promise<readonly string[]> {
  ranked ??= rankWords();
  // A failed read is not kept.
  ranked.catch(() => {
    ranked = undefined;
  });
  const words = await ranked;
  if (count > words.length) throw new RangeError(`the vocabulary has ${words.length} words, asked for ${count}`);
  return words.slice(0, count);
}

async function rankWords(): Promise<readonly string[]> {
  const counts = new Map<string, number>();
  for (const { text } of await spamAssassin(ranking)) {
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, mostWords)
    .map(([word]) => word);
}

export interface WordCountsRequest extends SpamAssassinRequest {
  /** Columns: the most frequent words. */
  readonly words: number;
}

/** How often each word stands in each message, `[count, words]`, the words in the order of `vocabulary(words)`. */
export async function wordCounts({ words, ...request }: WordCountsRequest): Promise<Float32Array> {
  const [messages, known] = await Promise.all([spamAssassin(request), vocabulary(words)]);
  const column = new Map(known.map((word, i) => [word, i]));
  const counts = new Float32Array(messages.length * words);
  messages.forEach(({ text }, row) => {
    for (const word of wordsOf(text)) {
      const i = column.get(word);
      if (i !== undefined) counts[row * words + i] = (counts[row * words + i] as number) + 1;
    }
  });
  return counts;
}
