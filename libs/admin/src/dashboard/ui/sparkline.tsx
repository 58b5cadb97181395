interface SparklineProps {
  /** Oldest first; `null` = nothing was measured. */
  readonly values: readonly (number | null)[];
  /** Drawn over it, on the same scale. */
  readonly over?: readonly number[];
  readonly tone: 'info' | 'accent';
}

const WIDTH = 76;
const HEIGHT = 20;

/** The shape of some figures over time, without numbers: those stand beside it. */
export function Sparkline({ values, over = [], tone }: SparklineProps) {
  const highest = Math.max(1e-9, ...values.map((value) => value ?? 0));
  return (
    <svg class={`spark spark-${tone}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path class="spark-base" d={`M1 ${HEIGHT - 0.5}H${WIDTH - 1}`} />
      <path class="spark-line" d={lineOf(values, highest)} />
      {over.some((value) => value > 0) ? <path class="spark-over" d={barsOf(over, highest)} /> : null}
    </svg>
  );
}

const xOf = (index: number, count: number) => round((index * (WIDTH - 2)) / Math.max(1, count - 1) + 1);
const yOf = (value: number, highest: number) => round(HEIGHT - 1.5 - (Math.min(value, highest) / highest) * (HEIGHT - 3));
const round = (value: number) => Math.round(value * 10) / 10;

function lineOf(values: readonly (number | null)[], highest: number): string {
  let path = '';
  let isDrawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const next = values[index + 1];
    // A point alone is a short stroke: a line of no length is not drawn.
    const alone = !isDrawing && next == null ? 'h-3' : '';
    path += `${isDrawing ? 'L' : 'M'}${xOf(index, values.length)} ${yOf(value, highest)}${alone}`;
    isDrawing = true;
  });
  return path;
}

function barsOf(values: readonly number[], highest: number): string {
  return values
    .map((value, index) =>
      value > 0 ? `M${xOf(index, values.length)} ${HEIGHT}V${Math.min(HEIGHT - 3, yOf(value, highest))}` : '',
    )
    .join('');
}
