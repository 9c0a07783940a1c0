import { expect, it } from "vitest";
import { spamAssassin } from "./spam-assassin.js";
import { mostWords, vocabulary, wordCounts, wordsOf } from "./word-counts.js";

it.each([
  { text: "Free MONEY, free!", words: ["free", "money", "free"] },
  { text: 'a <A HREF="http://x.com">link</A>', words: ["link"] },
  { text: "it's 100% re-usable", words: ["it", "re", "usable"] },
  { text: "TVqQAAMAAAAEAAAAAAAAAAAA ok", words: ["ok"] },
  { text: "", words: [] },
])("reads $text as $words", ({ text, words }) => expect(wordsOf(text)).toEqual(words));

it("ranks words by how often they stand in training messages", async () => {
  expect((await vocabulary(4)).join(" ")).toBe("the to and of");
  expect(new Set(await vocabulary(mostWords)).size).toBe(mostWords);
});

it("counts each word of each message", async () => {
  const [words, [message]] = await Promise.all([vocabulary(50), spamAssassin({ split: "test", count: 3 })]);
  const counts = await wordCounts({ split: "test", count: 3, words: 50 });
  expect(counts.length).toBe(150);
  const all = wordsOf(message?.text as string);
  expect([...counts.slice(0, 50)]).toEqual(words.map((word) => all.filter((other) => other === word).length));
  expect(counts.slice(0, 50).some((count) => count > 1)).toBe(true);
});

it("says how many words there are when asked for more", async () => {
  await expect(vocabulary(mostWords + 1)).rejects.toThrow(`has ${mostWords} words, asked for ${mostWords + 1}`);
});
