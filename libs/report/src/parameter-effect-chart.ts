import { groupBy } from "./group-by.js";
import { type Panel, panelSpec, panelTitle } from "./panels.js";
import type { ParameterEffect } from "./parameter-effects.js";
import { renderSvg } from "./render-svg.js";

export interface ParameterEffectOptions {
  /** Names of the two parameters. */
  readonly x: string;
  readonly y: string;
  /** What the default is called. */
  readonly baseline: string;
  readonly note?: string;
}

/** Colours span at least a factor of so much either way: smaller effects look as small as they are. */
const leastSpan = 1.1;

/**
 * Heat maps of what two parameters do to the loss, one panel a task and one cell a setting: blue lowers it against the default (framed),
 * orange raises it. Each cell says by how much; all panels share their colours.
 */
export function parameterEffectChart(
  effects: readonly ParameterEffect[],
  { x, y, baseline, note }: ParameterEffectOptions,
): Promise<string> {
  const span = Math.max(Math.log(leastSpan), ...effects.map(({ logRatio }) => Math.abs(logRatio)));
  const panels = groupBy(effects, ({ task }) => task);
  const columns = new Set(effects.map((effect) => effect.x)).size;
  const cell = Math.max(52, Math.min(80, Math.floor(340 / columns)));
  const specs = [...panels].map(
    ([task, own]): Panel => ({
      title: panelTitle(task === "all" ? "all tasks" : task, Math.max(cell * columns, 260)),
      width: { step: cell },
      height: { step: 34 },
      data: {
        values: own.map((effect) => ({
          ...effect,
          change: change(effect),
          strong: Math.abs(effect.logRatio) > 0.6 * span,
        })),
      },
      encoding: {
        x: { field: "x", type: "ordinal", title: x, sort: "ascending", axis: { labelAngle: 0 } },
        y: { field: "y", type: "ordinal", title: y, sort: "descending" },
      },
      layer: [
        {
          mark: { type: "rect", stroke: "#ffffff", strokeWidth: 1 },
          encoding: {
            color: {
              field: "logRatio",
              type: "quantitative",
              scale: { domain: [-span, 0, span], range: ["#0072b2", "#f7f7f7", "#d55e00"], interpolate: "rgb" },
              legend: null,
            },
          },
        },
        {
          transform: [{ filter: "datum.isDefault" }],
          mark: { type: "rect", filled: false, stroke: "#222222", strokeWidth: 2 },
        },
        {
          mark: { type: "text", fontSize: 11 },
          encoding: {
            text: { field: "change" },
            color: { condition: { test: "datum.strong", value: "#ffffff" }, value: "#222222" },
          },
        },
      ],
    }),
  );
  const spec = panelSpec(
    {
      title: `${x} and ${y}: loss against the default`,
      subtitle: [
        `geometric mean ratio to ${baseline} (framed) · blue: lower loss · orange: higher`,
        ...(note === undefined ? [] : [note]),
      ],
    },
    specs,
  );
  // There is no legend to keep the panels off the title.
  return renderSvg({ ...spec, title: { ...spec.title, offset: 16 } });
}

/** −3.2 %, +120 %, or a factor where it is a large one. */
function change({ logRatio, isDefault }: ParameterEffect): string {
  if (isDefault) return "default";
  const ratio = Math.exp(logRatio);
  if (ratio >= 3) return `× ${Number(ratio.toPrecision(2))}`;
  const percent = 100 * (ratio - 1);
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(digits)} %`;
}
