import type { StudyStatus } from "@stride/experiment";
import { type Options, Presets, SingleBar } from "cli-progress";

/** Shows how long work fares: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress<Status = StudyStatus> {
  show(status: Status): void;
  /** Prints a line without breaking the bar. */
  note(line: string): void;
  end(): void;
}

/** Step counts seen at moments, for the time left. */
export interface Sample {
  readonly atMs: number;
  readonly steps: number;
}

/** Seconds left at the pace of the last half minute (the whole run's, before that); undefined until there is a pace. */
export function secondsLeft(samples: readonly Sample[], stepsPlanned: number): number | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const first = samples.find((sample) => last.atMs - sample.atMs <= 30_000 && sample.steps < last.steps);
  if (first === undefined || last.atMs === first.atMs) return undefined;
  const stepsPerMs = (last.steps - first.steps) / (last.atMs - first.atMs);
  return Math.max(0, stepsPlanned - last.steps) / stepsPerMs / 1000;
}

/** `75` → `1 m 15 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} m`;
}

/** How the trials stand, in words: what is not zero. */
export function describeTrials(status: StudyStatus): string {
  const total = Object.values(status.trials).reduce((sum, count) => sum + count, 0);
  const done = status.trials.completed + status.trials.diverged;
  const others = (["diverged", "failed", "cancelled"] as const)
    .filter((outcome) => status.trials[outcome] > 0)
    .map((outcome) => `${status.trials[outcome]} ${outcome}`);
  return [`${done}/${total} trials`, ...others].join(", ");
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
  /** Milliseconds between two plain lines. */
  readonly plainEveryMs?: number;
}

/** A progress display of studies for this stream. */
export function createProgress(options: ProgressOptions): Progress {
  const now = options.now ?? Date.now;
  const samples: Sample[] = [];
  return createDisplay(options, (status: StudyStatus) => {
    samples.push({ atMs: now(), steps: status.stepsDone });
    if (samples.length > 2_000) samples.splice(0, 1_000);
    const seconds = secondsLeft(samples, status.stepsPlanned);
    const percent = status.stepsPlanned === 0 ? 100 : Math.floor((100 * status.stepsDone) / status.stepsPlanned);
    const left = status.state === "paused" ? "paused" : timeLeft(seconds);
    return { name: status.name, percent, of: "steps", left, text: describeTrials(status) };
  });
}

export function timeLeft(seconds: number | undefined): string {
  return seconds === undefined ? "estimating" : `${formatSeconds(seconds)} left`;
}

/** What a display says at a moment. */
export interface Line {
  readonly name: string;
  readonly percent: number;
  /** What is counted. */
  readonly of: string;
  readonly left: string;
  readonly text: string;
}

/** A display for this stream of whatever `lineOf` can put into words. */
export function createDisplay<Status>(
  { stream, now = Date.now, plainEveryMs = 10_000 }: ProgressOptions,
  lineOf: (status: Status) => Line,
): Progress<Status> {
  return stream.isTTY
    ? terminalBar(stream, lineOf)
    : plainLines(stream, lineOf, { now, plainEveryMs, startedAt: now() });
}

function terminalBar<Status>(stream: NodeJS.WriteStream, lineOf: (status: Status) => Line): Progress<Status> {
  const options: Options = {
    format: "{name} {bar} {percent} % · {text} · {left}",
    stream,
    hideCursor: true,
    clearOnComplete: false,
    barsize: 24,
    fps: 5,
  };
  let bar: SingleBar | undefined;
  return {
    show(status) {
      const { percent, ...payload } = lineOf(status);
      if (bar === undefined) {
        bar = new SingleBar(options, Presets.shades_classic);
        bar.start(100, percent, payload);
      } else {
        bar.update(percent, payload);
      }
    },
    note(text) {
      stream.write(bar === undefined ? `${text}\n` : `\r\u001b[K${text}\n`);
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function plainLines<Status>(
  stream: NodeJS.WriteStream,
  lineOf: (status: Status) => Line,
  { now, plainEveryMs, startedAt }: { now: () => number; plainEveryMs: number; startedAt: number },
): Progress<Status> {
  let shownAt = Number.NEGATIVE_INFINITY;
  let last: { readonly status: Status } | undefined;
  const write = (status: Status): void => {
    const { name, percent, of, left, text } = lineOf(status);
    const elapsed = formatSeconds((now() - startedAt) / 1000);
    stream.write(`${name}: ${percent} % of ${of}, ${text}, ${elapsed} so far, ${left}\n`);
    shownAt = now();
    last = undefined;
  };
  return {
    show(status) {
      if (now() - shownAt >= plainEveryMs) write(status);
      else last = { status };
    },
    note: (text) => void stream.write(`${text}\n`),
    end() {
      if (last !== undefined) write(last.status);
    },
  };
}
