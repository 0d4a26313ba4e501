// The Limits page: two handles on the chart and two fields that hold the exact values; what they make of known
// photos is counted while they move. The server draws the chart and judges what is sent.
import { Axis } from "./axis";
import { count, type Counts, type Limits, type Scores } from "./counts";
import { Handle } from "./handle";

class LimitsPage {
  private readonly threshold: HTMLInputElement;
  private readonly review: HTMLInputElement;
  private readonly scores: Scores;
  private readonly axis: Axis;
  private readonly handles: { threshold: Handle; review: Handle };
  /** The last ones of the fields that were limits, at first those in force. */
  private shown: Limits;

  constructor(
    private readonly root: HTMLElement,
    chart: HTMLElement,
  ) {
    this.threshold = root.querySelector("[name=threshold]")!;
    this.review = root.querySelector("[name=review_from]")!;
    this.scores = JSON.parse(document.getElementById("scores")!.textContent!) as Scores;
    this.axis = new Axis(Number(chart.dataset["low"]), Number(chart.dataset["high"]));
    const review = chart.dataset["review"];
    this.shown = { threshold: Number(chart.dataset["threshold"]), review: review ? Number(review) : null };
    const of = (name: string): HTMLElement => chart.querySelector(`[data-handle="${name}"]`)!;
    this.handles = {
      threshold: new Handle(of("threshold"), this.axis, (place) => this.moveThreshold(place)),
      review: new Handle(of("review"), this.axis, (place) => this.moveReview(place)),
    };
    chart.querySelector<HTMLElement>("[data-handles]")!.hidden = false;
    root.addEventListener("input", () => this.show());
    root.querySelector("form")!.addEventListener("reset", () => setTimeout(() => this.show()));
    this.show();
  }

  /** The limits of the fields; null while they are none. */
  private get limits(): Limits | null {
    const threshold = this.threshold.valueAsNumber;
    const review = this.review.value === "" ? null : this.review.valueAsNumber;
    if (!(threshold > 0) || this.review.validity.badInput) return null;
    return review !== null && !(review > 0 && review <= threshold) ? null : { threshold, review };
  }

  private moveThreshold(place: number): void {
    this.threshold.value = String(Math.max(this.rounded(place), this.limits?.review ?? 0));
    this.show();
  }

  /** At the threshold there is no REVIEW. */
  private moveReview(place: number): void {
    const score = this.rounded(place);
    this.review.value = score < this.threshold.valueAsNumber ? String(score) : "";
    this.show();
  }

  private rounded(place: number): number {
    return Number(this.axis.score(place).toPrecision(3));
  }

  private show(): void {
    this.shown = this.limits ?? this.shown; // while somebody types, the handles stay
    const { threshold, review } = this.shown;
    const counts = count(this.scores, this.shown);
    for (const [name, n] of Object.entries(counts)) {
      const cell = this.root.querySelector<HTMLElement>(`[data-count="${name}"]`);
      if (cell) cell.textContent = n.toLocaleString("en");
    }
    const { low, high } = this.axis;
    const outcome = this.words(counts);
    this.handles.threshold.show(threshold, review ?? low, high, `${threshold}${outcome}`);
    this.handles.review.show(review ?? threshold, low, threshold, `${review ?? "No REVIEW"}${outcome}`);
    this.band(review ?? threshold, threshold);
  }

  private band(from: number, to: number): void {
    const band = this.root.querySelector<HTMLElement>("[data-band]")!;
    band.style.left = `${100 * this.axis.place(from)}%`;
    band.style.width = `${100 * (this.axis.place(to) - this.axis.place(from))}%`;
  }

  private words(counts: Counts): string {
    const { good, defect } = this.scores;
    const told = [];
    if (good.length) told.push(`${counts.alarms} false alarms`);
    if (defect.length) told.push(`${counts.missed} missed`);
    if (good.length || defect.length) told.push(`${counts.review} for review`);
    return told.length ? `: ${told.join(", ")}` : "";
  }
}

const root = document.querySelector<HTMLElement>("[data-limits]");
const chart = root?.querySelector<HTMLElement>("[data-chart]");
if (root && chart) new LimitsPage(root, chart);
