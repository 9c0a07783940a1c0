import type { StudyStatus } from "@stride/experiment";
import { type Options, Presets, SingleBar } from "cli-progress";

/** Shows how a study fares: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  show(status: StudyStatus): void;
  /** Prints a line without breaking the bar. */
  note(line: string): void;
  end(): void;
}

/** Step counts seen at moments, for the time left. */
interface Sample {
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

/** A progress display for this stream. */
export function createProgress({ stream, now = Date.now, plainEveryMs = 10_000 }: ProgressOptions): Progress {
  const samples: Sample[] = [];
  const startedAt = now();
  const line = (status: StudyStatus): { readonly percent: number; readonly left: string; readonly trials: string } => {
    samples.push({ atMs: now(), steps: status.stepsDone });
    if (samples.length > 2_000) samples.splice(0, 1_000);
    const seconds = secondsLeft(samples, status.stepsPlanned);
    const percent = status.stepsPlanned === 0 ? 100 : Math.floor((100 * status.stepsDone) / status.stepsPlanned);
    return {
      percent,
      left: seconds === undefined ? "estimating" : `${formatSeconds(seconds)} left`,
      trials: describeTrials(status),
    };
  };
  return stream.isTTY ? terminalBar(stream, line) : plainLines(stream, line, { now, plainEveryMs, startedAt });
}

type Line = (status: StudyStatus) => { readonly percent: number; readonly left: string; readonly trials: string };

function terminalBar(stream: NodeJS.WriteStream, line: Line): Progress {
  const options: Options = {
    format: "{name} {bar} {percent} % · {trials} · {left}",
    stream,
    hideCursor: true,
    clearOnComplete: false,
    barsize: 24,
    fps: 5,
  };
  let bar: SingleBar | undefined;
  return {
    show(status) {
      const { percent, left, trials } = line(status);
      const payload = { name: status.name, percent, left, trials };
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

function plainLines(
  stream: NodeJS.WriteStream,
  line: Line,
  { now, plainEveryMs, startedAt }: { now: () => number; plainEveryMs: number; startedAt: number },
): Progress {
  let shownAt = Number.NEGATIVE_INFINITY;
  let last: StudyStatus | undefined;
  const write = (status: StudyStatus): void => {
    const { percent, left, trials } = line(status);
    const elapsed = formatSeconds((now() - startedAt) / 1000);
    stream.write(`${status.name}: ${percent} % of steps, ${trials}, ${elapsed} so far, ${left}\n`);
    shownAt = now();
    last = undefined;
  };
  return {
    show(status) {
      if (now() - shownAt >= plainEveryMs) write(status);
      else last = status;
    },
    note: (text) => void stream.write(`${text}\n`),
    end() {
      if (last !== undefined) write(last);
    },
  };
}
