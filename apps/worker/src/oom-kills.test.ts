import { expect, it } from "vitest";
import { oomKills } from "./oom-kills.js";

it("reads how many processes the kernel killed, and nothing where nobody counts", () => {
  expect(oomKills(() => "nr_free_pages 9\noom_kill 12\nfoo 1\n")).toBe(12);
  expect(oomKills(() => "nr_free_pages 9\n")).toBeUndefined();
  expect(
    oomKills(() => {
      throw new Error("ENOENT");
    }),
  ).toBeUndefined();
});
