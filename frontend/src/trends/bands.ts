// Quantiles over time: the median as a line, half of the photos in one band and nine of ten in a wider one.
import { axis, base, count, grid, names, NONE, share, shares, tooltip } from "./parts";
import type { Theme } from "./theme";
import type { Drawing, Figure, Row } from "./types";

const number = (value: unknown) =>
  typeof value === "number" ? (value >= 1e4 ? count(Math.round(value)) : String(+value.toPrecision(3))) : NONE;
const shown = (figure: Figure) => (figure.more["kind"] === "share" ? (value: unknown) => share(value, 1) : number);

function tell(row: Row, as: (value: unknown) => string = number): string {
  const bands = `half between ${as(row["quarter"])} and ${as(row["upper"])}; 90\u202f% between ${as(row["low"])} and ${as(row["high"])}`;
  return `${row["label"]}; median ${as(row["median"])} of ${count(row["n"])} photos; ${bands}`;
}

/** Two series that are stacked: up to the lower end nothing, and from there on colour. */
function band(rows: Row[], low: string, high: string, opacity: number, theme: Theme) {
  const series = (data: unknown[], fill: number) => ({
    type: "line" as const,
    stack: low,
    data,
    symbol: "none",
    silent: true,
    lineStyle: { opacity: 0 },
    areaStyle: { color: theme.accent, opacity: fill },
  });
  const of = (row: Row, key: string) => row[key] as number | null;
  return [
    series(rows.map((row) => of(row, low)), 0),
    series(
      rows.map((row) => (of(row, low) == null ? null : of(row, high)! - of(row, low)!)),
      opacity,
    ),
  ];
}

export const bands: Drawing = {
  series: 0,
  tell,
  options: (figure, theme) => {
    const { rows } = figure;
    const isShare = figure.more["kind"] === "share";
    return {
      ...base(theme),
      grid,
      tooltip: tooltip(theme, (row) => tell(row, shown(figure)), rows, "axis"),
      xAxis: { ...names(theme, rows, "label"), boundaryGap: true },
      yAxis: isShare ? shares(theme) : { ...axis(theme), type: "value", scale: true },
      series: [
        {
          type: "line",
          data: rows.map((row) => row["median"] ?? null),
          lineStyle: { color: theme.accent, width: 2 },
          itemStyle: { color: theme.accent },
          symbolSize: rows.length > 120 ? 3 : 6,
          showAllSymbol: true,
          cursor: "pointer",
          z: 3,
        },
        ...band(rows, "low", "high", 0.15, theme),
        ...band(rows, "quarter", "upper", 0.3, theme),
      ],
    };
  },
};
