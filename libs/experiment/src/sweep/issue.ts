import type { Path } from "./yaml-source.js";

/** What is wrong, and where in the file. */
export interface Issue {
  readonly path: Path;
  readonly message: string;
}
