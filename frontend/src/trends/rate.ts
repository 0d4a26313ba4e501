// The defect rate as a control chart, and the first-pass yield, over time.
import { axis, base, count, grid, names, share, shares, tooltip } from "./parts";
import type { Theme } from "./theme";
import type { Drawing, Figure, Row } from "./types";

interface Mark {
  at: number;
  when: string;
  words: string;
}

const signals = (row: Row): string[] => (row["signals"] as string[] | undefined) ?? [];

function tellRate(row: Row): string {
  const limits = row["low"] == null ? [] : [`limits ${share(row["low"])} to ${share(row["high"])}`];
  const found = signals(row).map((name) => `Signal: ${name}`);
  const counts = [`${count(row["defective"])} of ${count(row["judged"])} defective, ${share(row["share"])}`];
  if (row["open"]) counts.push(`${count(row["open"])} undecided`);
  return [String(row["label"]), ...counts, ...limits, ...found].join("; ");
}

const limit = (rows: Row[], key: string, name: string, theme: Theme) => ({
  type: "line" as const,
  name,
  data: rows.map((row) => row[key] ?? null),
  step: "middle" as const,
  symbol: "none",
  silent: true,
  lineStyle: { color: theme.warn, width: 1.5, type: "dashed" as const },
  itemStyle: { color: theme.warn },
});

/** The centre line, and what changed meanwhile. */
function lines(figure: Figure, theme: Theme, narrow: boolean) {
  const centre = figure.more["centre"];
  const marks = figure.more["marks"] as Mark[];
  const label = { color: theme.text, fontSize: 12, distance: 4 };
  // Words of one place would lie on each other; the list below the chart has them all.
  const drawn: object[] = [...new Set(marks.map((mark) => mark.at))].map((at) => {
    const here = marks.filter((mark) => mark.at === at);
    const words = here.length > 1 ? `${here.length} changes` : (here[0]?.words ?? "");
    const align = 2 * at > figure.rows.length ? "right" : "left";
    return {
      xAxis: at,
      lineStyle: { color: theme.accent, type: "solid" },
      label: narrow ? { ...label, formatter: "▾", position: "end" } : { ...label, formatter: words, position: "end", align },
    };
  });
  if (typeof centre === "number") {
    const words = `${share(centre)}`;
    drawn.push({
      yAxis: centre,
      lineStyle: { color: theme.muted, type: "solid" },
      label: { ...label, color: theme.muted, formatter: words, position: "insideEndTop" },
    });
  }
  return { silent: true, symbol: "none", animation: false, data: drawn };
}

function points(rows: Row[], theme: Theme) {
  return rows.map((row) => {
    const found = signals(row).length > 0;
    const colour = found ? theme.bad : theme.accent;
    // Not by colour alone.
    const look = { symbol: found ? "diamond" : "circle", symbolSize: found ? 12 : rows.length > 120 ? 4 : 7 };
    return { value: row["share"] ?? null, ...look, itemStyle: { color: colour } };
  });
}

export const rate: Drawing = {
  series: 0,
  tell: tellRate,
  options: (figure, theme, narrow) => ({
    ...base(theme),
    grid: { ...grid, right: narrow ? 12 : 24 },
    tooltip: tooltip(theme, tellRate, figure.rows, "axis"),
    xAxis: { ...names(theme, figure.rows, "label"), boundaryGap: true },
    yAxis: shares(theme),
    series: [
      {
        type: "line",
        name: "Defect rate",
        data: points(figure.rows, theme),
        lineStyle: { color: theme.accent, width: 1.5 },
        showAllSymbol: true,
        cursor: "pointer",
        markLine: lines(figure, theme, narrow),
        z: 3,
      },
      limit(figure.rows, "low", "Lower limit", theme),
      limit(figure.rows, "high", "Upper limit", theme),
    ],
  }),
};

const tellYield = (row: Row) =>
  `${row["label"]}; ${share(row["first_pass"])} of ${count(row["judged"])} parts passed at once`;

// Of an axis that ends at 100 % and begins below the lowest value.
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2];

export const firstPass: Drawing = {
  series: 0,
  tell: tellYield,
  options: (figure, theme) => {
    const known = figure.rows.map((row) => row["first_pass"]).filter((value) => typeof value === "number");
    const low = known.length ? Math.min(...known) : 0;
    const step = STEPS.find((one) => 1 - low <= 5 * one) ?? 0.2;
    return {
      ...base(theme),
      grid,
      tooltip: tooltip(theme, tellYield, figure.rows, "axis"),
      xAxis: { ...names(theme, figure.rows, "label"), boundaryGap: true },
      yAxis: { ...shares(theme), ...axis(theme), min: Math.max(0, 1 - Math.ceil((1 - low) / step + 0.1) * step), max: 1, interval: step, axisLabel: shares(theme).axisLabel },
      series: [
        {
          type: "line",
          data: figure.rows.map((row) => row["first_pass"] ?? null),
          symbolSize: figure.rows.length > 120 ? 3 : 6,
          showAllSymbol: true,
          cursor: "pointer",
          lineStyle: { color: theme.accent, width: 1.5 },
          itemStyle: { color: theme.accent },
        },
      ],
    };
  },
};
