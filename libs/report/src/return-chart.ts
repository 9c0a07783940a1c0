import type { TopLevelSpec } from "vega-lite";
import { renderSvg } from "./render-svg.js";
import { contrast, muted } from "./theme.js";

/** Episodes that one version of a policy acted in; an entropy or a return that there is none of is null. */
export interface LivedEpisodes {
  readonly meanReturn: number | null;
  /** Share that diverged, 0 to 1. */
  readonly divergence: number | null;
  /** Mean over decisions, nats. */
  readonly entropy: number | null;
}

/** What one version of a policy was worth; null where it did not act. */
export interface VersionReturn {
  readonly version: number;
  readonly training: LivedEpisodes | null;
  readonly validation: LivedEpisodes | null;
}

export interface ReturnChartOptions {
  /** The policy's name. */
  readonly policy: string;
  /** The version that is used; marked by a rule. Left out: none. */
  readonly best?: number;
}

const places = ["in training", "in validation"] as const;
type Place = (typeof places)[number];
const width = 740;

/**
 * How an agent learned: mean return by version, in training a line and in validation points, and below it over the same axis the share of
 * episodes that diverged and, in training, the entropy of the policy's distribution. Versions count updates.
 */
export function returnChart(versions: readonly VersionReturn[], { policy, best }: ReturnChartOptions): Promise<string> {
  const values = versions.flatMap(({ version, training, validation }) => [
    ...(training === null ? [] : [{ version, place: "in training" as Place, ...training }]),
    ...(validation === null ? [] : [{ version, place: "in validation" as Place, ...validation }]),
  ]);
  const last = versions.reduce((greatest, { version }) => Math.max(greatest, version), 1);
  const explored = values.filter(({ place }) => place === "in training");
  const panel = (options: Omit<PanelOptions, "last" | "best">) => returnPanel({ ...options, last, best });
  const spec: TopLevelSpec = {
    title: {
      text: `Return by version of ${policy}`,
      subtitle: [
        "line: mean over training episodes, with exploration",
        "squares: mean over validation episodes, without",
        ...(best === undefined ? [] : [`dashed rule: version ${best}, the best in validation`]),
      ],
    },
    data: { values },
    spacing: 14,
    vconcat: [
      panel({ field: "meanReturn", title: "mean return", height: 250, places }),
      panel({ field: "divergence", title: "diverged", height: 90, places, domain: domainOf(values, "divergence") }),
      panel({
        ...{ field: "entropy", title: "entropy, nats", height: 90, places: ["in training"], isLast: true },
        domain: domainOf(explored, "entropy"),
      }),
    ],
    resolve: { scale: { x: "shared", y: "independent", color: "shared", shape: "shared" } },
  };
  return renderSvg(spec);
}

/**
 * From 0, or the least where that is below (a density's entropy may be), to the greatest, but at least 0.1: of few that diverged one sees how
 * few, and an axis of zeros has an extent.
 */
function domainOf(values: readonly LivedEpisodes[], field: keyof LivedEpisodes): [number, number] {
  const known = values.map((each) => each[field] ?? 0);
  return [Math.min(0, ...known), Math.max(0.1, ...known)];
}

interface PanelOptions {
  readonly field: keyof LivedEpisodes;
  readonly title: string;
  readonly height: number;
  readonly places: readonly Place[];
  /** Of the vertical axis; left out: that of the values. */
  readonly domain?: readonly [number, number];
  /** Has the axis' title and numbers. */
  readonly isLast?: boolean;
  readonly last: number;
  readonly best: number | undefined;
}

function returnPanel({ field, title, height, places: shown, domain, isLast, last, best }: PanelOptions) {
  const x = {
    field: "version",
    type: "quantitative",
    title: isLast ? "version" : null,
    scale: { domain: [0, last] as [number, number], nice: false },
    axis: { grid: false, tickMinStep: 1, labelFlush: false, labels: isLast === true },
  } as const;
  const y = {
    field,
    type: "quantitative",
    title,
    scale: domain === undefined ? { zero: false } : { domain: [...domain], nice: false },
    axis: {
      tickCount: { meanReturn: 6, divergence: 2, entropy: 3 }[field],
      format: field === "divergence" ? "~%" : "~f",
    },
  } as const;
  const legend = { orient: "top", title: null, symbolSize: 80, symbolOpacity: 1 } as const;
  const [colours, shapes] = [
    [contrast.first, contrast.second],
    ["circle", "square"],
  ];
  const color = { field: "place", type: "nominal", legend, scale: { domain: [...places], range: colours } } as const;
  const shape = { field: "place", type: "nominal", legend, scale: { domain: [...places], range: shapes } } as const;
  const known = `isValid(datum.${field})`;
  return {
    width,
    height,
    encoding: { x },
    layer: [
      ...(best === undefined
        ? []
        : [
            {
              data: { values: [{ version: best }] },
              mark: { type: "rule" as const, strokeDash: [4, 3], color: muted, strokeWidth: 1 },
            },
          ]),
      {
        transform: [{ filter: `${known} && datum.place === 'in training'` }],
        mark: { type: "line", strokeWidth: 1.5 } as const,
        encoding: { y, color },
      },
      ...shown.map((place) => ({
        transform: [{ filter: `${known} && datum.place === '${place}'` }],
        mark: { type: "point", filled: true, opacity: 1, size: place === "in training" ? 12 : 70 } as const,
        encoding: { y, color, shape },
      })),
    ],
  };
}
