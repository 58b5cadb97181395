import { onArrival } from './arrivals.js';

const STEPS_PER_PERCENT = 1_000;

/** Shares of variations: when one is changed, the others change in proportion, so that all add up to 100 %. */
export function startRollouts(): void {
  onArrival(() => startRolloutsIn(document));
}

export function startRolloutsIn(scope: ParentNode): void {
  for (const group of scope.querySelectorAll<HTMLElement>('[data-rollout]')) startRollout(group);
}

function startRollout(group: HTMLElement): void {
  if (group.dataset['started'] !== undefined) return;
  group.dataset['started'] = 'yes';
  const numbers = [...group.querySelectorAll<HTMLInputElement>('input[type="number"]')];
  const ranges = [...group.querySelectorAll<HTMLInputElement>('input[type="range"]')];
  const showRanges = () => ranges.forEach((range, index) => (range.value = numbers[index]?.value ?? '0'));
  const set = (index: number, percent: number) => {
    const shares = shared(
      numbers.map(({ value }) => Number(value)),
      index,
      percent,
    );
    numbers.forEach((number, i) => (number.value = String(shares[i] ?? 0)));
    showRanges();
  };
  numbers.forEach((number, index) => number.addEventListener('change', () => set(index, Number(number.value))));
  ranges.forEach((range, index) => range.addEventListener('input', () => set(index, Number(range.value))));
  showRanges();
}

/** Shares in percent after one of them was set; the last of the others takes what rounding leaves. */
function shared(shares: readonly number[], index: number, percent: number): readonly number[] {
  if (shares.length === 1) return [100];
  const value = Math.min(100, Math.max(0, Math.round(percent * STEPS_PER_PERCENT) / STEPS_PER_PERCENT || 0));
  const sum = shares.reduce((total, share, i) => (i === index ? total : total + share), 0);
  const rest = (100 - value) * STEPS_PER_PERCENT;
  const last = index === shares.length - 1 ? shares.length - 2 : shares.length - 1;
  let left = Math.round(rest);
  return shares.map((share, i) => {
    if (i === index) return value;
    const part = i === last ? left : sum > 0 ? Math.floor((rest * share) / sum) : 0;
    left -= part;
    return part / STEPS_PER_PERCENT;
  });
}
