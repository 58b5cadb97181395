import type { ExplainedLimit, LifecycleBlock, LifecycleStep, LimitUsage, RequestExplanation, RouteView } from '@waygate/core';
import { algorithmName, countedApart } from '../ui/policy-words.js';

/** One thing that is looked at before a request is let through. */
export interface Step {
  readonly title: string;
  readonly verdict: 'pass' | 'block' | 'skip' | 'count';
  readonly detail: string;
  /** Whether a request comes so far: nothing before stops it. */
  readonly isReached: boolean;
}

type Answer = Omit<Step, 'isReached'>;

/** What a request meets that stands beside the engine's explanation. */
export interface Surroundings {
  readonly route: RouteView;
  readonly environment: string;
  /** Limits that are there, but off or paused now. */
  readonly idle: readonly { readonly title: string; readonly limit: string }[];
  /** Whether it was said who is calling; else limits are told for anybody. */
  readonly hasCaller: boolean;
}

/** Every step of the decision about a request for a route, in words, in their order. */
export function explainRoute(explanation: RequestExplanation, given: Surroundings): readonly Step[] {
  let isReached = true;
  const steps: Step[] = [];
  for (const answer of answersOf(explanation, given)) {
    steps.push({ ...answer, isReached });
    if (answer.verdict === 'block') isReached = false;
  }
  return steps;
}

function* answersOf({ steps, limits }: RequestExplanation, given: Surroundings): Iterable<Answer> {
  const { route, idle } = given;
  for (const step of steps) {
    if (step.check === 'global_maintenance') yield maintenance('Global maintenance', step);
    else if (step.check === 'service_maintenance') {
      if (route.service !== null) yield maintenance(`Maintenance of ${route.service}`, step);
    } else yield* routeSteps(step, given);
  }
  if (route.forceActive) return;
  for (const { title, limit } of idle) yield { title, verdict: 'skip', detail: `${limit}, off now.` };
  for (const limit of limits) yield limitStep(limit, given.hasCaller);
  if (limits.length + idle.length === 0) yield { title: 'Limits', verdict: 'skip', detail: 'None holds for this route.' };
}

function maintenance(title: string, { block, passes }: LifecycleStep): Answer {
  if (block !== null) return { title, verdict: 'block', detail: refusal(block) };
  const why = {
    off: 'Off.',
    exempt: 'On, but this route is exempt.',
    force_active: 'On, but the route is declared @ForceActive().',
  };
  return { title, verdict: 'pass', detail: passes === null || passes === 'open' ? 'Lets it through.' : why[passes] };
}

function* routeSteps({ block }: LifecycleStep, { route, environment }: Surroundings): Iterable<Answer> {
  if (route.forceActive) {
    yield { title: 'Force-active', verdict: 'pass', detail: 'Declared @ForceActive(): state and limits are not looked at.' };
    return;
  }
  const gate = { title: 'Environment', verdict: 'pass' } as const;
  if (block?.kind === 'env_gated') yield { ...gate, verdict: 'block', detail: refusal(block) };
  else if (route.environments === null) yield { ...gate, detail: 'No gate.' };
  else yield { ...gate, detail: `'${environment}' is among ${route.environments.join(', ')}.` };
  const state = { title: 'Route state' } as const;
  const from = route.source === 'override' ? 'set by an operator' : 'as the code declares';
  if (block === null || block.kind === 'env_gated') yield { ...state, verdict: 'pass', detail: `Open, ${from}.` };
  else yield { ...state, verdict: 'block', detail: `${refusal(block)} (${from})` };
}

function refusal(block: LifecycleBlock): string {
  if (block.kind === 'env_gated')
    return `404, as if there were no such route: '${block.environment}' is not among ${block.allowed.join(', ')}.`;
  const reason = block.reason || 'no reason given';
  if (block.kind === 'disabled') return `503 ROUTE_DISABLED: ${reason}.`;
  const until = block.endsAt === null ? '' : ` Until ${new Date(block.endsAt).toISOString()}.`;
  return `503 MAINTENANCE_MODE: ${reason}.${until}`;
}

const SCOPES = { global: 'Limit over everything', service: 'Limit over the service' } as const;

function usageText(usage: LimitUsage | null): string {
  if (usage === null) return 'Its counters cannot be read from here. ';
  const { used, limit, resetAt, countedBy } = usage;
  const where = countedBy === 'this process' ? ' in this process' : '';
  return `${used} of ${limit} used${where}, resets ${resetAt}. `;
}

function limitStep(
  { scope, phase, policy, result, caller, tier, limit, cost, usage }: ExplainedLimit,
  hasCaller: boolean,
): Answer {
  const title = scope === 'route' ? `Limit '${policy.name}'` : SCOPES[scope];
  const over = policy.mode === 'shadow' ? 'recorded, not refused (shadow)' : '429 RATE_LIMIT_EXCEEDED';
  const how = `${algorithmName(policy)}${phase === 'identity' ? ', after the guards of the app' : ''}; over it: ${over}.`;
  if (result === 'app')
    return {
      title,
      verdict: 'count',
      detail: `${policy.limit}, but a function of the app has a say, which is not asked here; ${how}`,
    };
  if (!hasCaller) return { title, verdict: 'count', detail: `${policy.limit} for ${countedApart(policy)}, ${how}` };
  if (result === 'exempt')
    return { title, verdict: 'skip', detail: `${policy.limit}: this caller is exempt, or there is nothing to count it by.` };
  if (result === 'refuse')
    return {
      title,
      verdict: 'block',
      detail: `429: the request has no ${policy.key.replace('_', ' ')}, and the limit refuses such.`,
    };
  const weight = cost === 1 ? '' : `, weighing ${cost}`;
  const whom = policy.key === 'global' ? 'together with everybody' : `as ${caller ?? ''}`;
  const refuses = usage?.refuses === true && policy.mode === 'enforce';
  return {
    title,
    verdict: refuses ? 'block' : 'count',
    detail: `${usageText(usage)}${limit}${tier === null ? '' : ` (tier ${tier})`}, counted ${whom}${weight}; ${how}`,
  };
}
