import type { FeatureFlag, RolloutInput, RolloutVariation, ScheduledChange, WaygateClient } from '@waygate/client';
import type { Input } from '../command/input.js';
import { reasonOf } from '../command/reason-of.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { green } from '../terminal/style.js';
import { durationMs, isoOf, secondOf } from '../terminal/time.js';
import { aboutFlag } from './known-flag.js';

/** All of a rollout, in the unit of its weights: thousandths of a percent. */
const WHOLE = 100_000;
const STEPS = 5;

export async function rollout(cli: Cli, input: Input): Promise<void> {
  const asked = ACTIONS.filter((action) => input.flag(action));
  const [action] = asked;
  if (asked.length + (input.option('to') === undefined ? 0 : 1) !== 1)
    throw new UsageFailure('give one of --to, --pause, --resume and --abort');
  const beside = ['variation', 'over', 'steps'].find((name) => input.option(name) !== undefined);
  if (action !== undefined && beside !== undefined) throw new UsageFailure(`--${beside} goes with --to`);
  return action === undefined ? start(cli, input) : control(cli, input, action);
}

const ACTIONS = ['pause', 'resume', 'abort'] as const;
const DONE = { pause: 'paused', resume: 'resumed', abort: 'aborted: what was before holds again' } as const;

async function control({ out, client }: Cli, input: Input, action: (typeof ACTIONS)[number]): Promise<void> {
  const key = input.argument('key');
  const opened = await client();
  const flag = await aboutFlag(opened, key, () => opened.flags[`${action}Rollout`](key, reasonOf(input)));
  out.say`${green('✓')} Rollout of ${key} ${DONE[action]}.`;
  out.value(flag);
}

async function start(cli: Cli, input: Input): Promise<void> {
  const key = input.argument('key');
  const to = weightOf(input.required('to'));
  const over = input.option('over');
  const duration = over === undefined ? null : durationMs(over);
  if (over !== undefined && (duration === null || duration === 0))
    throw new UsageFailure(`option '--over' takes a duration such as 2h, not '${over}'`);
  if (duration === null && input.option('steps') !== undefined) throw new UsageFailure('--steps goes with --over');
  const steps = duration === null ? 1 : input.option('steps') === undefined ? STEPS : input.number('steps', 1);
  const client = await cli.client();
  const current = await aboutFlag(client, key, () => client.flags.get(key));
  if (current.progressive_rollout != null && current.progressive_rollout.rule_id === null)
    throw new CliFailure(`A rollout of '${key}' is under way; end it first: waygate flags rollout ${key} --abort`);
  const plan = planOf(current, input.option('variation'), to, steps, duration ?? 0);
  const flag = await write(client, current, plan, reasonOf(input));
  cli.out.value(flag);
  for (const [index, { share, at }] of plan.entries())
    cli.out.say`${green('✓')} ${key} → ${share / 1000}%${index === 0 ? '' : ` scheduled for ${secondOf(isoOf(at))}`}`;
  if (!flag.enabled) cli.out.say`  The flag is off; waygate flags enable ${key} lets it begin.`;
}

/** Only if nobody changed the flag since it was read. */
function write(
  { flags }: WaygateClient,
  current: FeatureFlag,
  plan: readonly Step[],
  reason: { readonly reason?: string },
): Promise<FeatureFlag> {
  const precondition = current.revision === undefined ? {} : { ifMatch: `"${current.revision}"` };
  const progressive = plan.length > 1 && current.revision !== undefined ? progressiveOf(plan) : null;
  if (progressive !== null) return flags.startRollout(current.key, { ...progressive, ...reason }, precondition);
  const [now, ...later] = plan;
  const kept = current.scheduled_changes.filter(({ action }) => action !== 'update_rollout');
  const fields = {
    fallthrough: now?.weights ?? current.fallthrough,
    scheduled_changes: [...kept, ...later.map(scheduled)],
    ...reason,
  };
  return flags.patch(current.key, fields, precondition);
}

/** The plan as a rollout that can be paused and aborted; `null` for one that shrinks or shares among several: those become planned changes. */
export function progressiveOf(plan: readonly Step[]): RolloutInput | null {
  const [variation, otherwise, ...others] = plan[0]?.weights.map((entry) => entry.variation) ?? [];
  const grows = plan.every(({ share }, index) => share >= (plan[index - 1]?.share ?? 0));
  if (variation === undefined || otherwise === undefined || others.length > 0 || !grows) return null;
  const steps = plan.map(({ share, at }, index) => {
    const before = plan[index - 1];
    return before === undefined || at === before.at ? { weight: share } : { weight: share, after: `${at - before.at}ms` };
  });
  return { variation, otherwise, steps };
}

export interface Step {
  readonly share: number;
  readonly at: number;
  readonly weights: readonly RolloutVariation[];
}

/**
 * The first step is now, the last one at the end of the time.
 * @param to the share at the end, in thousandths of a percent
 * @param duration milliseconds
 * @throws {CliFailure} for a variation the flag does not have
 */
export function planOf(
  flag: FeatureFlag,
  named: string | undefined,
  to: number,
  steps: number,
  duration: number,
  now: number = Date.now(),
): readonly Step[] {
  const variation = named ?? flag.variations.find(({ name }) => name !== flag.off_variation)?.name;
  if (variation === undefined || !flag.variations.some(({ name }) => name === variation))
    throw new CliFailure(
      `Flag '${flag.key}' has no variation '${named ?? ''}'; it has ${flag.variations.map(({ name }) => name).join(', ')}`,
    );
  const from = shareOf(flag, variation);
  return Array.from({ length: steps }, (_, index) => {
    const share = Math.round(from + ((to - from) * (index + 1)) / steps);
    const at = steps === 1 ? now : Math.round((now + (duration * index) / (steps - 1)) / 1000) * 1000;
    return { share, at, weights: weights(flag, variation, share) };
  });
}

/** The variation first, since a growing first weight takes nobody back; the rest goes to what others had, or to the off variation. */
function weights(flag: FeatureFlag, variation: string, share: number): readonly RolloutVariation[] {
  const rest = WHOLE - share;
  const others =
    typeof flag.fallthrough === 'string'
      ? []
      : flag.fallthrough.filter((other) => other.variation !== variation && other.weight > 0);
  const sum = others.reduce((total, { weight }) => total + weight, 0);
  const first = { variation, weight: share };
  if (sum === 0) {
    const other =
      typeof flag.fallthrough === 'string' && flag.fallthrough !== variation
        ? flag.fallthrough
        : (
            flag.variations.find(({ name }) => name === flag.off_variation && name !== variation) ??
            flag.variations.find(({ name }) => name !== variation)
          )?.name;
    return other === undefined ? [first] : [first, { variation: other, weight: rest }];
  }
  let given = 0;
  return [
    first,
    ...others.map((other, index) => {
      const weight = index === others.length - 1 ? rest - given : Math.floor((other.weight * rest) / sum);
      given += weight;
      return { variation: other.variation, weight };
    }),
  ];
}

function shareOf({ fallthrough }: FeatureFlag, variation: string): number {
  if (typeof fallthrough === 'string') return fallthrough === variation ? WHOLE : 0;
  return fallthrough.find((entry) => entry.variation === variation)?.weight ?? 0;
}

function scheduled({ at, weights: rolled }: Step): ScheduledChange {
  return { execute_at: isoOf(at), action: 'update_rollout', payload: { rollout: rolled } };
}

function weightOf(text: string): number {
  const [, number] = /^(\d+(?:\.\d{1,3})?)%?$/.exec(text) ?? [];
  const share = Math.round(Number(number) * 1000);
  if (number === undefined || share > WHOLE)
    throw new UsageFailure(`option '--to' takes a share such as 25% or 12.5%, not '${text}'`);
  return share;
}
