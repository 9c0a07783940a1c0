import { createHash } from "node:crypto";

/** The page's whole style: no file, no font and no script comes from anywhere else. */
export const statusStyle = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --ink: #1b2230; --soft: #5b6577; --line: #e1e5ec; --track: #e6e9ef;
  --completed: #2f6fde; --diverged: #d98a00; --failed: #cf3a3a; --running: #8fb6f5; --cancelled: #a3abb9; --good: #1c7a50; --warn: #8a5800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12161d; --card: #1a2029; --ink: #e7ebf2; --soft: #98a3b5; --line: #2a323e; --track: #2a323e;
    --completed: #5b93f0; --diverged: #e0a02c; --failed: #e5605f; --running: #37568c; --cancelled: #667084; --good: #4cba8a; --warn: #e0a02c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; margin-bottom: 1.5rem; }
h1 { margin: 0; font-size: 1.6rem; letter-spacing: -.02em; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.05rem; }
h2 small, header p, .soft { color: var(--soft); font-weight: 400; }
header p { margin: 0; }
h2 small { margin-left: .5rem; font-size: .9rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 0; }
.tiles div, .study, .table, .empty { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.tiles div { padding: .8rem 1rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.5rem; font-weight: 600; letter-spacing: -.01em; }
.study { padding: .9rem 1rem 1rem; margin-bottom: .6rem; }
.study h3 { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; margin: 0 0 .55rem; font-size: 1rem; overflow-wrap: anywhere; }
.study h3 .soft { margin-left: auto; font-size: .9rem; white-space: nowrap; }
.pill { padding: .05rem .55rem; border-radius: 1rem; border: 1px solid currentColor; font-size: .78rem; font-weight: 500; color: var(--soft); white-space: nowrap; }
.pill.running, .pill.working, .pill.busy { color: var(--completed); }
.pill.done { color: var(--good); }
.pill.paused, .pill.draining { color: var(--warn); }
.pill.lost { color: var(--failed); }
svg.bar { display: block; width: 100%; height: .6rem; border-radius: .3rem; }
.bar .track { fill: var(--track); }
.bar .completed { fill: var(--completed); } .bar .diverged { fill: var(--diverged); } .bar .failed { fill: var(--failed); }
.bar .running { fill: var(--running); } .bar .cancelled { fill: var(--cancelled); }
.counts { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .88rem; }
.counts li::before { content: ""; display: inline-block; width: .6rem; height: .6rem; margin-right: .4rem; border-radius: .15rem; background: var(--track); }
.counts .completed::before { background: var(--completed); } .counts .diverged::before { background: var(--diverged); }
.counts .failed::before { background: var(--failed); } .counts .running::before { background: var(--running); }
.counts .cancelled::before { background: var(--cancelled); }
.counts .planned::before { box-shadow: inset 0 0 0 1px var(--cancelled); }
.counts .soft { margin-left: auto; }
.counts .soft::before { display: none; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .45rem 1rem; text-align: left; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; font-size: .82rem; border-bottom: 1px solid var(--line); }
tbody tr + tr td { border-top: 1px solid var(--line); }
td.name { white-space: normal; overflow-wrap: anywhere; min-width: 10rem; }
th.number, td.number { text-align: right; }
td svg.bar { width: 7rem; height: .45rem; display: inline-block; vertical-align: middle; margin-right: .6rem; }
code { font: .85em ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace; }
.empty { margin: 0; padding: 1rem; color: var(--soft); }
.alert { border-color: var(--failed); color: var(--ink); }
`;

/** Allows this style and nothing else. */
export const statusPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(statusStyle).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
