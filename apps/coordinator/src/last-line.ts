import type { ChildProcess } from "node:child_process";

/** The JSON that a process prints in its last line; a driver may print before it. Throws where that line is none. */
export async function lastLineAsJson(child: ChildProcess): Promise<unknown> {
  let text = "";
  child.stdout?.on("data", (part: Buffer) => {
    text += part.toString();
  });
  await new Promise<void>((resolve) => child.once("close", () => resolve()));
  return JSON.parse(text.trim().split("\n").at(-1) ?? "");
}
