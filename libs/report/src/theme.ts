import type { Config } from "vega-lite";

const ink = "#222222";
const faint = "#d9d9d9";

/** Blue and vermilion of Okabe & Ito: told apart under every common colour blindness, and in grey. */
export const contrast = { first: "#0072b2", second: "#d55e00" } as const;

/** What lies outside the comparison itself: reference lines, notes. */
export const muted = "#767676";

/** Light background whatever the page around it is; letters of at least 11 px in a picture 900 px wide. */
export const theme: Config = {
  background: "#ffffff",
  padding: 12,
  font: "DejaVu Sans, Verdana, sans-serif",
  view: { stroke: faint },
  axis: {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    gridColor: "#ececec",
    domainColor: faint,
    tickColor: faint,
  },
  header: { labelColor: ink, labelFontSize: 12 },
  legend: { labelColor: ink, labelFontSize: 12, titleFontSize: 12, symbolStrokeWidth: 2, labelLimit: 260 },
  title: {
    color: ink,
    fontSize: 15,
    subtitleColor: "#555555",
    subtitleFontSize: 12,
    subtitlePadding: 4,
    anchor: "start",
  },
};
