// What limits make of photos whose scores are known, as inspections/what_if.py counts it.
export interface Scores {
  good: number[];
  defect: number[];
  judged: number[];
}

export interface Limits {
  threshold: number;
  /** null: there is no REVIEW */
  review: number | null;
}

export type Counts = Record<"alarms" | "missed" | "review" | "judged_anomaly" | "judged_review", number>;

export function count({ good, defect, judged }: Scores, { threshold, review }: Limits): Counts {
  const begins = review ?? threshold;
  const anomaly = (score: number): boolean => score >= threshold;
  const unsure = (score: number): boolean => score >= begins && score < threshold;
  return {
    alarms: good.filter(anomaly).length,
    missed: defect.filter((score) => score < begins).length,
    review: good.filter(unsure).length + defect.filter(unsure).length,
    judged_anomaly: judged.filter(anomaly).length,
    judged_review: judged.filter(unsure).length,
  };
}
