import { expect, it } from "vitest";
import { spamAssassin, spamAssassinSizes } from "./spam-assassin.js";

it("begins with a message of its first list, and without that list's headers", async () => {
  const [first] = await spamAssassin({ split: "training", count: 1 });
  expect(first?.label).toBe("ham");
  expect(first?.text).toMatch(/^Re: New Sequences Window\n {4}Date: {8}Wed, 21 Aug 2002/);
});

it.each(["training", "test"] as const)("has spam and ham in their shares among %s messages", async (split) => {
  const messages = await spamAssassin({ split, count: 200 });
  const spam = messages.filter(({ label }) => label === "spam").length;
  // 1,896 of 6,046.
  expect(spam / 200).toBeCloseTo(0.314, 1);
});

it("has no message in both splits", async () => {
  const [test, all] = await Promise.all([
    spamAssassin({ split: "test", count: 20 }),
    spamAssassin({ split: "training", count: spamAssassinSizes.training }),
  ]);
  // Each message is one object a process.
  expect(test.filter((message) => all.includes(message))).toEqual([]);
  expect((await spamAssassin({ split: "test", count: 20 })).every((message, i) => message === test[i])).toBe(true);
});

it("says how many messages there are when asked for more", async () => {
  await expect(spamAssassin({ split: "test", count: 1210 })).rejects.toThrow("1209 test messages, asked for 1210");
});
