// What the charts share: numbers as the tables have them, axes, tooltips.
import type { Theme } from "./theme";
import type { Row } from "./types";

export const NONE = "\u2013";

export function share(value: unknown, digits = 2): string {
  return typeof value === "number" ? `${(value * 100).toFixed(digits)}\u202f%` : NONE;
}

export function count(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en-GB") : NONE;
}

export const base = (theme: Theme) => ({
  animation: false,
  backgroundColor: theme.surface,
  textStyle: { fontFamily: theme.font, color: theme.text },
});

export const grid = { left: 12, right: 16, top: 36, bottom: 12 };

/** As plain text: a policy forbids styles within HTML. */
export const tooltip = (theme: Theme, tell: (row: Row) => string, rows: Row[], trigger: "axis" | "item") => ({
  trigger,
  renderMode: "richText" as const,
  confine: true,
  backgroundColor: theme.raised,
  borderColor: theme.strong,
  textStyle: { color: theme.text, fontFamily: theme.font, fontSize: 13 },
  formatter: (found: unknown) => {
    const one = (Array.isArray(found) ? found[0] : found) as { dataIndex: number } | undefined;
    const row = one && rows[one.dataIndex];
    return row ? tell(row).replace(/; /g, "\n") : "";
  },
});

export const axis = (theme: Theme) => ({
  axisLine: { lineStyle: { color: theme.strong } },
  axisTick: { lineStyle: { color: theme.strong } },
  axisLabel: { color: theme.muted, hideOverlap: true },
  splitLine: { lineStyle: { color: theme.line } },
});

export const shares = (theme: Theme) => ({
  ...axis(theme),
  type: "value" as const,
  min: 0,
  axisLabel: { color: theme.muted, formatter: (value: number) => `${+(value * 100).toPrecision(3)}\u202f%` },
});

/** Labels as few as there is room for. */
export const names = (theme: Theme, rows: Row[], key: string) => ({
  ...axis(theme),
  type: "category" as const,
  data: rows.map((row) => String(row[key])),
});
