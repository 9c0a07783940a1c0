import { type Perturbation, type ProgramOptions, type Segment, stepInputs } from "@stride/compile";
import type { Noise } from "@stride/experiment";
import { randomStream, type Stream } from "@stride/random";
import type { DataArray, Task } from "@stride/tasks";
import { gate } from "./noise-shapes.js";

/** What a noise asks of the program that trains; nothing of one that acts on observed losses alone. */
export function perturbationOf(noise: Noise | undefined): Perturbation {
  switch (noise?.kind) {
    case "labels":
      return { labels: true };
    case "inputs":
      return { inputs: true };
    case "gradient":
      return { gradients: noise.scale };
    default:
      return {};
  }
}

export interface ExtraInputsOptions {
  readonly program: ProgramOptions;
  readonly noise: Noise | undefined;
  /** One a group of batches: one for the whole cohort, or one a trial. */
  readonly seeds: readonly number[];
}

/** Fills what a segment's steps are given besides rows and rates: draws of the task, and noise. */
export interface ExtraInputs {
  /** Numbers that one step takes. */
  readonly numbersPerStep: number;
  /** For the steps whose rows are `segment.indices`; a function of seeds, steps and rows alone. */
  fill(segment: Pick<Segment, "steps" | "firstStep" | "indices">): NonNullable<Segment["inputs"]>;
}

/** Writes one group's numbers of one step. */
type Writer = (target: Float32Array | Int32Array, step: number, rows: Int32Array) => void;

export function createExtraInputs({ program, noise, seeds }: ExtraInputsOptions): ExtraInputs {
  const { task } = program;
  const declared = stepInputs(program).map(({ name, dtype, shape }) => {
    const size = shape.slice(1).reduce((product, extent) => product * extent, 1);
    return { name, dtype, size, writers: seeds.map((seed) => writer(name, { task, noise, seed, size })) };
  });
  return {
    numbersPerStep: declared.reduce((sum, { size }) => sum + size * seeds.length, 0),
    fill({ steps, firstStep, indices }) {
      const filled = declared.map(({ name, dtype, size, writers }) => {
        const values = new (dtype === "int32" ? Int32Array : Float32Array)(steps * seeds.length * size);
        for (let t = 0; t < steps; t++) {
          writers.forEach((write, group) => {
            const place = t * seeds.length + group;
            const rows = indices.subarray(place * task.batchSize, (place + 1) * task.batchSize);
            write(values.subarray(place * size, (place + 1) * size), firstStep + t, rows);
          });
        }
        return [name, values] as const;
      });
      return Object.fromEntries(filled);
    },
  };
}

interface WriterOptions {
  readonly task: Task;
  readonly noise: Noise | undefined;
  readonly seed: number;
  /** Numbers of one group in one step. */
  readonly size: number;
}

function writer(name: string, { task, noise, seed, size }: WriterOptions): Writer {
  const stream = randomStream({ seed, purpose: name });
  const draw = task.draws?.find((each) => name === `draw:${each.name}`);
  if (draw !== undefined) {
    return (target, step) => {
      target.set(draw.distribution === "uniform" ? stream.uniforms(step, size) : stream.normals(step, size));
    };
  }
  switch (noise?.kind) {
    case "labels":
      return labelWriter(task, stream, noise.strength);
    case "inputs":
      return (target, step) => writeNormals(target, stream.normals(step, size), noise.strength);
    case "gradient": {
      const gates = randomStream({ seed, purpose: `${name}:gate` });
      return (target, step) => {
        const open = gate(noise.shape, gates, step);
        if (open === 0) target.fill(0);
        else writeNormals(target, stream.normals(step, size), open * noise.strength);
      };
    }
    default:
      throw new Error(`nothing is known to fill ${name} with`);
  }
}

function writeNormals(target: Float32Array | Int32Array, normals: Float64Array, deviation: number): void {
  for (let i = 0; i < normals.length; i++) target[i] = deviation * (normals[i] as number);
}

/** Each label of a row is, with a probability of `share`, another class, every other one equally likely: a function of seed and row. */
function labelWriter({ training, perturbable }: Task, stream: Stream, share: number): Writer {
  if (perturbable?.labels === undefined) throw new Error("this task has no labels that a noise could act on");
  const { array, classes } = perturbable.labels;
  const truth = classesOf(training.arrays.find(({ name }) => name === array) as DataArray, classes);
  return (target, _, rows) => {
    rows.forEach((row, i) => {
      const { perRow, classAt } = truth;
      const drawn = stream.uniforms(row, 2 * perRow);
      for (let j = 0; j < perRow; j++) {
        const label = classAt(row * perRow + j);
        const other = 1 + Math.floor((drawn[2 * j + 1] as number) * (classes - 1));
        target[i * perRow + j] = (drawn[2 * j] as number) < share ? (label + other) % classes : label;
      }
    });
  };
}

/** Labels as classes, whether they are kept as such or one-hot. */
function classesOf({ shape, values }: DataArray, classes: number) {
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (values instanceof Int32Array) return { perRow: size, classAt: (at: number) => values[at] as number };
  return {
    perRow: size / classes,
    classAt: (at: number) => values.subarray(at * classes, (at + 1) * classes).indexOf(1),
  };
}
