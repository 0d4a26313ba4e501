// What the page holds of a chart, as monitoring/figures.py makes it.
import type { EChartsCoreOption } from "echarts/core";
import type { Theme } from "./theme";

export interface Row {
  href?: string;
  [key: string]: unknown;
}

export interface Figure {
  name: string;
  title: string;
  rows: Row[];
  more: Record<string, unknown>;
}

/** How a chart is drawn, and what is said of a row to those who do not see it. */
export interface Drawing {
  options(figure: Figure, theme: Theme, narrow: boolean): EChartsCoreOption;
  tell(row: Row): string;
  /** Of the series that its rows are the points of. */
  series: number;
}
