// Scores on an axis in ratios, as inspections/score_chart.py draws it; places go from 0 to 1.
export class Axis {
  constructor(
    readonly low: number,
    readonly high: number,
  ) {}

  place(score: number): number {
    const inside = Math.min(Math.max(score, this.low), this.high);
    return Math.log(inside / this.low) / Math.log(this.high / this.low);
  }

  score(place: number): number {
    const inside = Math.min(Math.max(place, 0), 1);
    return this.low * (this.high / this.low) ** inside;
  }
}
