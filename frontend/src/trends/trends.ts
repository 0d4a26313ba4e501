// The charts of Trends: drawn from the JSON beside each, in the colours of the page. Arrow keys go through the points of
// the one that has the focus, Enter opens the photos behind a point, as a press on it does.
import { BarChart, CustomChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { bands } from "./bands";
import { comparison, defects } from "./bars";
import { savePng, saveSvg } from "./download";
import { heat } from "./heat";
import { firstPass, rate } from "./rate";
import { theme } from "./theme";
import type { Drawing, Figure, Row } from "./types";

use([BarChart, CustomChart, HeatmapChart, LineChart]);
use([GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

const DRAWINGS: Record<string, Drawing> = { rate, "first-pass": firstPass, defects, comparison, heat };
const NARROW = 560; // px
const dark = matchMedia("(prefers-color-scheme: dark)");

function open(row: Row | undefined): void {
  if (row?.href) location.assign(row.href);
}

class Chart {
  readonly chart;
  readonly figure: Figure;
  readonly drawing: Drawing;
  at = -1;

  constructor(readonly place: HTMLElement) {
    this.figure = JSON.parse(document.getElementById(place.dataset["figure"]!)!.textContent!) as Figure;
    this.drawing = DRAWINGS[this.figure.name] ?? bands;
    this.chart = init(place, null, { renderer: "svg" });
    this.draw();
    this.chart.on("click", (found) => open(this.figure.rows[found.dataIndex]));
    new ResizeObserver(() => this.resize()).observe(place);
    dark.addEventListener("change", () => this.draw());
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("blur", () => this.chart.dispatchAction({ type: "hideTip" }));
    this.offerFiles();
  }

  draw(): void {
    const narrow = this.place.clientWidth < NARROW;
    this.chart.setOption(this.drawing.options(this.figure, theme(), narrow), { notMerge: true });
  }

  resize(): void {
    if (!this.place.clientWidth) return;
    this.chart.resize();
    this.draw();
  }

  key(event: KeyboardEvent): void {
    const last = this.figure.rows.length - 1;
    const to: Record<string, number> = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, Home: 0, End: last };
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") open(this.figure.rows[this.at]);
    else if (event.key in to) this.show(Math.min(last, Math.max(0, to[event.key]!)));
    else return;
    event.preventDefault();
  }

  show(at: number): void {
    this.at = at;
    this.chart.dispatchAction({ type: "showTip", seriesIndex: this.drawing.series, dataIndex: at });
    const told = this.place.parentElement!.querySelector("[data-told]")!;
    told.textContent = this.drawing.tell(this.figure.rows[at]!);
  }

  offerFiles(): void {
    const { chart, figure, place } = this;
    for (const button of place.closest("section")!.querySelectorAll<HTMLButtonElement>("[data-save]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const svg = chart.renderToSVGString();
        if (button.dataset["save"] === "svg") saveSvg(svg, figure.name);
        else void savePng(svg, figure.name, chart.getWidth(), chart.getHeight());
      });
    }
  }
}

// Each when it is about to be seen, for five at once hold the page up; on paper all are.
const places = new Set(document.querySelectorAll<HTMLElement>("[data-figure]"));
const draw = (place: HTMLElement) => places.delete(place) && new Chart(place);
const coming = new IntersectionObserver(
  (found) => {
    for (const { isIntersecting, target } of found) if (isIntersecting) draw(target as HTMLElement);
  },
  { rootMargin: "300px" },
);
for (const place of places) coming.observe(place);
addEventListener("beforeprint", () => places.forEach(draw));
