// Bars: the Pareto of defect types, and rates compared.
import { axis, base, count, grid, names, share, shares, tooltip } from "./parts";
import type { Theme } from "./theme";
import type { Drawing, Figure, Row } from "./types";

const tellDefect = (row: Row) =>
  `${row["name"]}; ${count(row["n"])} photos, ${share(row["share"], 1)}; cumulative ${share(row["cumulative"], 1)}`;

export const defects: Drawing = {
  series: 0,
  tell: tellDefect,
  options: (figure, theme, narrow) => ({
    ...base(theme),
    grid,
    tooltip: tooltip(theme, tellDefect, figure.rows, "axis"),
    xAxis: {
      ...names(theme, figure.rows, "name"),
      axisLabel: { color: theme.muted, interval: 0, rotate: narrow || figure.rows.length > 6 ? 35 : 0, width: 110, overflow: "truncate", lineHeight: 16 },
    },
    yAxis: [
      { ...axis(theme), type: "value", minInterval: 1 },
      { ...shares(theme), max: 1, splitLine: { show: false } },
    ],
    series: [
      {
        type: "bar",
        data: figure.rows.map((row) => row["n"]),
        itemStyle: { color: theme.accent },
        barMaxWidth: 64,
        cursor: "pointer",
      },
      {
        type: "line",
        yAxisIndex: 1,
        data: figure.rows.map((row) => row["cumulative"]),
        lineStyle: { color: theme.warn, width: 2 },
        itemStyle: { color: theme.warn },
        symbolSize: 7,
        cursor: "pointer",
      },
    ],
  }),
};

const tellGroup = (row: Row) =>
  [
    String(row["name"]),
    `${share(row["share"])} defective, ${count(row["defective"])} of ${count(row["judged"])}`,
    `95 % interval ${share(row["low"])} to ${share(row["high"])}`,
    `first-pass yield ${share(row["first_pass"], 1)}`,
  ].join("; ");

interface Place {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
}

/** A line from one end of the interval to the other, with a stroke at each. */
const interval = (theme: Theme) => (_: unknown, place: Place) => {
  const at = place.value(0);
  const [low, y] = place.coord([place.value(1), at]);
  const [high] = place.coord([place.value(2), at]);
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: "line",
    shape: { x1, y1, x2, y2 },
    style: { stroke: theme.text, lineWidth: 1.5 },
  });
  return { type: "group", children: [line(low, y, high, y), line(low, y - 5, low, y + 5), line(high, y - 5, high, y + 5)] };
};

/** The first row is on top. */
function drawn(figure: Figure, theme: Theme, narrow: boolean) {
  const label = { color: theme.text, width: narrow ? 96 : 200, overflow: "truncate" };
  return { ...names(theme, figure.rows, "name"), inverse: true, axisLabel: label };
}

export const comparison: Drawing = {
  series: 0,
  tell: tellGroup,
  options: (figure, theme, narrow) => ({
    ...base(theme),
    grid: { ...grid, top: 12 },
    tooltip: tooltip(theme, tellGroup, figure.rows, "item"),
    xAxis: shares(theme),
    yAxis: drawn(figure, theme, narrow),
    series: [
      {
        type: "bar",
        data: figure.rows.map((row) => row["share"] ?? null),
        itemStyle: { color: theme.accent },
        barMaxWidth: 22,
        cursor: "pointer",
      },
      {
        type: "custom",
        data: figure.rows.map((row, at) => [at, row["low"], row["high"]]).filter((one) => one[1] != null),
        encode: { x: [1, 2], y: 0 },
        renderItem: interval(theme),
        silent: true,
        z: 3,
      },
    ],
  }),
};
