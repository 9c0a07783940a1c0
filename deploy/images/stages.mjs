/** A Dockerfile as data: its global arguments and its stages, in order. */
import { DockerfileParser } from "dockerfile-ast";

/** `$NAME` and `${NAME}`; an unknown name is empty, as a builder has it. */
export function substituted(text, values) {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, bare) => values[braced ?? bare] ?? "");
}

/** `NAME=value` and `NAME="value"` pairs; a name alone has no value. */
function pairsOf(instruction) {
  return Object.fromEntries(instruction.getProperties().map((property) => [property.getName(), property.getValue()]));
}

function read(instruction) {
  const keyword = instruction.getKeyword().toUpperCase();
  const flags = (instruction.getFlags?.() ?? []).map((flag) => [flag.getName(), flag.getValue()]);
  const text = instruction.getArgumentsContent() ?? "";
  const line = instruction.getRange().start.line + 1;
  if (["ARG", "ENV", "LABEL"].includes(keyword)) return { keyword, line, text, flags, pairs: pairsOf(instruction) };
  return { keyword, line, text: text.replace(/^(?:--\S+\s+)*/, "").replace(/\\\n\s*/g, ""), flags };
}

/** The JSON array of an instruction in exec form, or undefined for the shell form. */
export function execForm({ keyword, text }) {
  const array = keyword === "HEALTHCHECK" ? text.replace(/^CMD\s+/, "") : text;
  return array.startsWith("[") ? JSON.parse(array) : undefined;
}

/**
 * `{ args, stages }`: each stage has a `name`, what it is built `from` (arguments filled in) and its `instructions`
 * (`{ keyword, line, text, flags, pairs? }`).
 */
export function readStages(text, overrides = {}) {
  const args = {};
  const stages = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions().map(read)) {
    if (instruction.keyword === "FROM") {
      const [from, , name] = instruction.text.split(/\s+/);
      stages.push({ name, written: from, from: substituted(from, args), line: instruction.line, instructions: [] });
    } else if (stages.length === 0) Object.assign(args, instruction.pairs, overrides);
    else stages.at(-1).instructions.push(instruction);
  }
  return { args, stages };
}

/** The stages that the stages named `targets` need, these included, in the order in which they are written. */
export function stagesFor(stages, targets) {
  const wanted = new Set(targets);
  for (const stage of [...stages].reverse()) {
    if (!wanted.has(stage.name)) continue;
    wanted.add(stage.from);
    for (const { flags } of stage.instructions) {
      for (const [name, value] of flags) if (name === "from") wanted.add(value);
    }
  }
  return stages.filter(({ name }) => wanted.has(name));
}
