// The defect rate by hour and weekday: when it is high.
import { base, count, share, tooltip } from "./parts";
import type { Drawing, Row } from "./types";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));

const tell = (row: Row) =>
  `${row["weekday"]} ${row["hour"]}; ${share(row["share"])} defective; ${count(row["defective"])} of ${count(row["judged"])} parts`;

export const heat: Drawing = {
  series: 0,
  tell,
  options: (figure, theme, narrow) => {
    const worst = Math.max(0.001, ...figure.rows.map((row) => Number(row["share"] ?? 0)));
    const side = { axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } };
    const labels = { color: theme.muted, fontSize: 12 };
    return {
      ...base(theme),
      grid: { left: 12, right: 12, top: 12, bottom: 48 },
      tooltip: tooltip(theme, tell, figure.rows, "item"),
      xAxis: { type: "category", data: HOURS, ...side, axisLabel: { ...labels, interval: narrow ? 5 : 2 } },
      yAxis: { type: "category", data: DAYS, inverse: true, ...side, axisLabel: labels },
      visualMap: {
        min: 0,
        max: worst,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemWidth: 12,
        itemHeight: narrow ? 120 : 200,
        calculable: false,
        text: [share(worst, 1), "0\u202f%"],
        textStyle: labels,
        inRange: { color: [theme.soft, theme.badSoft, theme.bad] },
      },
      series: [
        {
          type: "heatmap",
          data: figure.rows.map((row) => [row["of_day"], row["day"], row["share"] ?? 0]),
          itemStyle: { borderColor: theme.surface, borderWidth: 1 },
          cursor: "pointer",
        },
      ],
    };
  },
};
