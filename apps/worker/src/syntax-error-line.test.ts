import { expect, it } from "vitest";
import { syntaxErrorLine } from "./syntax-error-line.js";

it.each([
  { what: "the first line", source: "export default {;", line: 1 },
  { what: "a later line", source: "const a = 1;\n\nexport default (a;\n", line: 3 },
  {
    what: "no line of what can be parsed, whatever it would do",
    source: "import 'nothing';\nthrow 1;",
    line: undefined,
  },
])("names $what", async ({ source, line }) => expect(await syntaxErrorLine(source)).toBe(line));
