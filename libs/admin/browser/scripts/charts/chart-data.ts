/** What a page says about a chart, in the attribute `data-chart` of its place. Moments are Unix seconds. */
export interface ChartData {
  readonly at: number[];
  readonly series: readonly ChartLine[];
  readonly changes: readonly ChartChange[];
  readonly unit: string;
}

export interface ChartLine {
  readonly label: string;
  /** A CSS variable without its dashes. */
  readonly colour: string;
  readonly values: (number | null)[];
}

export interface ChartChange {
  readonly at: number;
  readonly revision: number;
}
