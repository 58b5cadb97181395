import type { RolloutVariation } from '@waygate/core';
import { percent } from './flag-draft.js';

interface ServeProps {
  readonly variations: readonly string[];
  readonly served: string | readonly RolloutVariation[] | null;
  /** Whether it may serve what the fallthrough does. */
  readonly mayFallThrough: boolean;
  readonly label: string;
}

/** What is served: one variation, or shares of several that add up to 100 %. */
export function Serve({ variations, served, mayFallThrough, label }: ServeProps) {
  const isRollout = Array.isArray(served) && served.length > 0;
  const shares = isRollout ? (served as readonly RolloutVariation[]) : [];
  const weightOf = (variation: string, index: number) => {
    if (!isRollout) return index === 0 ? '100' : '0';
    return percent(shares.filter((share) => share.variation === variation).reduce((sum, { weight }) => sum + weight, 0));
  };
  return (
    <div class="serve">
      <div class="row serve-head">
        <span class="conjunction">serve</span>
        <select name="serve" data-serve aria-label={label}>
          {mayFallThrough ? <option value="">what everybody else gets</option> : null}
          {variations.map((name) => (
            <option key={name} value={name} selected={served === name}>
              {name}
            </option>
          ))}
          <option value="%" selected={isRollout}>
            shares …
          </option>
        </select>
      </div>
      <div data-rollout hidden={!isRollout}>
        {variations.map((name, index) => (
          <div class="serve-row" key={name}>
            <span class="path">{name}</span>
            <input type="hidden" name="share" value={name} />
            <input type="range" min="0" max="100" step="0.5" value={weightOf(name, index)} aria-label={`Share of ${name}`} />
            <input
              type="number"
              name="share_percent"
              min="0"
              max="100"
              step="0.001"
              value={weightOf(name, index)}
              aria-label={`Share of ${name} in percent`}
            />
            <span>%</span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** Shares as a bar. */
export function SplitBar({ shares, label }: { readonly shares: readonly RolloutVariation[]; readonly label: string }) {
  let x = 0;
  return (
    <svg class="split" viewBox="0 0 100000 8" preserveAspectRatio="none" role="img" aria-label={label}>
      {shares.map(({ variation, weight }, index) => {
        const from = x;
        x += weight;
        return <rect key={variation} class={`share-${(index % 6) + 1}`} x={from} y={0} width={weight} height={8} />;
      })}
    </svg>
  );
}

/** `on 25 %, off 75 %`, or the one that everybody gets. */
export function servedText(served: string | readonly RolloutVariation[]): string {
  return typeof served === 'string'
    ? served
    : served.map(({ variation, weight }) => `${variation} ${percent(weight)} %`).join(', ');
}
