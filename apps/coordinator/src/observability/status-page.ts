import type { UnfinishedCohort } from "@stride/results";
import { formatMinute, formatNumber } from "../output.js";
import { formatSeconds } from "../progress.js";
import { type Html, html } from "./html.js";
import type { Status, StudyView, WorkerView } from "./status.js";
import { statusStyle } from "./status-style.js";

/** In the order of the bar: what is over first. */
const outcomes = ["completed", "diverged", "failed", "cancelled", "running", "planned"] as const;

/** The page asks for itself again after so many seconds. */
const refreshSeconds = 5;

/** The status page: everything is text by the time it arrives. */
export function statusPage(status: Status): string {
  const { studies, workers, cohorts, at } = status;
  return page(
    html`<header><h1>Stride</h1><p>version ${status.version}, up for ${formatSeconds(secondsBetween(status.startedAt, at))}</p></header>
${tiles(status)}
<h2>Studies${note(status.olderStudies, "older ones are not shown")}</h2>
${studies.length === 0 ? empty("No study yet. Submit one: stride submit SWEEP") : studies.map(study)}
<h2>Workers</h2>
${workers.length === 0 ? empty("No worker has been heard of in the last ten minutes.") : workersTable(workers, at)}
<h2>Unfinished cohorts${note(status.unfinishedCohorts - cohorts.length, "more are not shown")}</h2>
${cohorts.length === 0 ? empty("Nothing is left to train.") : cohortsTable(cohorts, at)}`,
  );
}

/** What is shown while the store does not answer. */
export function statusUnavailablePage(): string {
  return page(html`<header><h1>Stride</h1></header>
<p class="empty alert">The results database does not answer. The coordinator's log says why; this page tries again by itself.</p>`);
}

function page(body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${refreshSeconds}">
<title>Stride</title>
<link rel="icon" href="data:,">
<style>${statusStyle}</style>
</head>
<body>
${body.html}
</body>
</html>
`;
}

const secondsBetween = (from: Date, to: Date): number => Math.max(0, (to.getTime() - from.getTime()) / 1_000);
const ago = (from: Date, to: Date): string => `${formatSeconds(Math.floor(secondsBetween(from, to)))} ago`;
const empty = (text: string): Html => html`<p class="empty">${text}</p>`;
const note = (count: number, what: string): Html => (count > 0 ? html`<small>${count} ${what}</small>` : html``);

function tiles({ workers, unfinishedCohorts, waitingCohorts, oldestWaitingSeconds }: Status): Html {
  const live = workers.filter(({ state }) => state !== "lost");
  const busy = live.reduce((sum, worker) => sum + worker.busy, 0);
  const slots = live.reduce((sum, worker) => sum + worker.concurrency, 0);
  const tile = (name: string, value: string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return html`<dl class="tiles">${[
    tile("Unfinished cohorts", formatNumber(unfinishedCohorts)),
    tile("Waiting", formatNumber(waitingCohorts)),
    tile("Longest wait", waitingCohorts === 0 ? "–" : formatSeconds(oldestWaitingSeconds)),
    tile("Workers", formatNumber(live.length)),
    tile("Busy slots", `${busy} of ${slots}`),
  ]}</dl>`;
}

function study({ name, phase, trials, stepsDone, stepsPlanned, secondsLeft, createdAt }: StudyView): Html {
  const total = outcomes.reduce((sum, outcome) => sum + trials[outcome], 0);
  const percent = stepsPlanned === 0 ? 100 : Math.floor((100 * stepsDone) / stepsPlanned);
  const left =
    phase === "running" ? `, ${secondsLeft === null ? "estimating" : `${formatSeconds(secondsLeft)} left`}` : "";
  const shown = outcomes.filter((outcome) => trials[outcome] > 0);
  return html`<article class="study">
<h3>${name} <span class="pill ${phase}">${phase}</span><span class="soft">${percent} % of steps${left}</span></h3>
${bar(
  outcomes
    .filter((outcome) => outcome !== "planned")
    .map((outcome) => ({ kind: outcome, share: total === 0 ? 0 : trials[outcome] / total })),
  `${percent} % of ${name}`,
)}
<ul class="counts">${shown.map((outcome) => html`<li class="${outcome}">${trials[outcome]} ${outcome}</li>`)}<li class="soft">since ${formatMinute(createdAt)} UTC</li></ul>
</article>
`;
}

interface BarPart {
  readonly kind: string;
  /** Of the whole bar, 0 to 1. */
  readonly share: number;
}

/** Widths are attributes: the page's policy allows no style on elements. */
function bar(parts: readonly BarPart[], label: string): Html {
  let from = 0;
  const rectangles = parts.map(({ kind, share }) => {
    const rectangle = html`<rect class="${kind}" x="${(100 * from).toFixed(2)}%" width="${(100 * share).toFixed(2)}%" height="100%"/>`;
    from += share;
    return rectangle;
  });
  return html`<svg class="bar" role="img" aria-label="${label}"><rect class="track" width="100%" height="100%"/>${rectangles}</svg>`;
}

function workersTable(workers: readonly WorkerView[], at: Date): Html {
  const rows = workers.map(({ workerId, state, executor, busy, concurrency, version, lastSeenAt }) => {
    const shown = state === "working" ? (busy > 0 ? "busy" : "idle") : state;
    return html`<tr><td class="name">${workerId}</td><td><span class="pill ${shown}">${shown}</span></td><td>${executor}</td><td class="number">${busy} of ${concurrency}</td><td>${version}</td><td class="number">${ago(lastSeenAt, at)}</td></tr>`;
  });
  return html`<div class="table"><table><thead><tr><th>worker</th><th>state</th><th>executor</th><th class="number">slots</th><th>version</th><th class="number">heard of</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function cohortsTable(cohorts: readonly UnfinishedCohort[], at: Date): Html {
  const rows = cohorts.map(({ study: name, cohortId, kind, trials, steps, token, waitingSince, attempt }) => {
    const what = kind === "trials" ? `${trials} trials` : kind === "episodes" ? `${trials} episodes` : "policy update";
    const work =
      attempt === null
        ? html`<td>waiting for ${formatSeconds(secondsBetween(waitingSince, at))}</td><td class="soft">–</td><td class="number soft">–</td>`
        : html`<td>${progressOf(attempt.step, steps)}</td><td class="name">${attempt.workerId}</td><td class="number">${ago(attempt.lastSeenAt, at)}</td>`;
    return html`<tr><td class="name">${name}</td><td><code title="${cohortId}">${shortened(cohortId)}</code></td><td>${what}</td><td class="number">${token}</td>${work}</tr>`;
  });
  return html`<div class="table"><table><thead><tr><th>study</th><th>cohort</th><th>of</th><th class="number">attempt</th><th>progress</th><th>worker</th><th class="number">heard of</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function progressOf(step: number, steps: number): Html {
  if (steps === 0) return html`at work`;
  const share = Math.min(1, step / steps);
  return html`${bar([{ kind: "completed", share }], `step ${step} of ${steps}`)}${Math.floor(100 * share)} %`;
}

const shortened = (text: string): string => (text.length > 14 ? `${text.slice(0, 12)}…` : text);
