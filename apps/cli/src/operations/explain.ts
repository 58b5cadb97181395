import type { ExplainedBlock, ExplainedLimit, ExplainedStep, RequestExplanation } from '@waygate/client';
import { attributesOf } from '../flags/context.js';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { UsageFailure } from '../terminal/failure.js';
import { bold, cyan, dim, green, red } from '../terminal/style.js';
import { minuteOf, relativeTo } from '../terminal/time.js';

const CHECKS: Readonly<Record<ExplainedStep['check'], string>> = {
  global_maintenance: 'global maintenance',
  service_maintenance: 'service maintenance',
  route: 'route',
};
const PASSES: Readonly<Record<string, string>> = {
  off: 'is off',
  exempt: 'the route is exempt',
  force_active: 'the route is force-active',
  open: 'is open',
};
const RESULTS: Readonly<Record<ExplainedLimit['result'], string>> = {
  count: 'counts',
  exempt: 'exempt, does not count',
  refuse: 'refuses: it has no key to be counted by',
  app: 'a function of the app decides',
};

export async function explain(cli: Cli, input: Input): Promise<void> {
  const method = input.argument('method').toUpperCase();
  const path = input.argument('path');
  if (!path.startsWith('/')) throw new UsageFailure(`'${path}' is no path; it begins with a slash`);
  const service = input.option('service') ?? cli.settings.service;
  const version = input.option('version');
  const explanation = await (
    await cli.client()
  ).operations.explain({
    method,
    path,
    ...callerOf(input),
    ...(service === undefined ? {} : { service }),
    ...(version === undefined ? {} : { version }),
  });
  cli.out.value(explanation);
  print(cli, `${method} ${path}`, explanation);
}

function print({ out }: Cli, request: string, explanation: RequestExplanation): void {
  const { route, also_matching: others, outcome, block, deprecated, steps, limits } = explanation;
  const verdict =
    outcome === 'allow' ? green('allowed') : red(`would be refused: ${block === null ? 'blocked' : blockText(block)}`);
  out.say`${bold(request)}: ${verdict}${deprecated ? ' (deprecated)' : ''}`;
  out.say`  Route: ${route === null ? 'none matches' : cyan(route)}`;
  if (others.length > 0) out.say`  Also matching: ${others.join(', ')}`;
  for (const [index, step] of steps.entries()) {
    const passes = PASSES[step.why ?? ''] ?? step.why ?? '';
    if (step.block === null) out.say`${index + 1}. ${CHECKS[step.check] ?? step.check}: ${green('passes')} ${dim(`(${passes})`)}`;
    else out.say`${index + 1}. ${CHECKS[step.check] ?? step.check}: ${red('blocks')} ${blockText(step.block)}`;
  }
  for (const [index, limit] of limits.entries()) {
    const name = `${limit.scope} limit${limit.name === 'default' ? '' : ` ${limit.name}`}`;
    const mode = limit.mode === 'enforce' ? '' : `, ${limit.mode}`;
    out.say`${steps.length + index + 1}. ${name}: ${limit.limit} (${limit.algorithm}, key=${limit.key_strategy}${mode})`;
    const by = limit.caller === null ? '' : ` by ${limit.caller}`;
    out.say`   ${RESULTS[limit.result] ?? limit.result}${by}${limit.tier === null ? '' : `, tier ${limit.tier}`}`;
    const usage = usageText(limit);
    if (usage !== null) out.say`   ${limit.usage?.refuses === true ? red(usage) : usage}`;
  }
}

/** E.g. `10 of 10 used, resets in 41 s`. */
function usageText({ result, usage, mode }: ExplainedLimit): string | null {
  if (result !== 'count' || usage === undefined) return null;
  if (usage === null) return 'its counters cannot be read from here';
  const where = usage.counted_by === 'process' ? ' (in the process that answered)' : '';
  const refused = usage.refuses ? (mode === 'enforce' ? ': would be refused' : ': over the limit, only recorded') : '';
  return `${usage.used} of ${usage.limit} used, resets ${relativeTo(usage.reset_at)}${where}${refused}`;
}

function blockText({ kind, reason, ends_at: end, allowed_envs: envs }: ExplainedBlock): string {
  return [
    kind.replace('_', ' '),
    ...(reason === '' ? [] : [`"${reason}"`]),
    ...(end === null ? [] : [`until ${minuteOf(end)}`]),
    ...(envs === null ? [] : [`only in ${envs.join(', ')}`]),
  ].join(', ');
}

function callerOf(input: Input) {
  const caller: { ip?: string; user?: string; api_key?: string; roles: string[] } = { roles: [] };
  for (const text of input.list('as')) {
    const [, name, value = ''] = /^(user|ip|role|api-key)=(.+)$/.exec(text) ?? [];
    if (name === 'user') caller.user = value;
    else if (name === 'ip') caller.ip = value;
    else if (name === 'api-key') caller.api_key = value;
    else if (name === 'role') caller.roles.push(value);
    else throw new UsageFailure(`option '--as' takes user=…, ip=…, api-key=… or role=…, not '${text}'`);
  }
  const { roles, ...rest } = caller;
  const attributes = Object.entries(attributesOf(input)).map(([name, value]) => [name, String(value)] as const);
  return {
    ...rest,
    ...(roles.length === 0 ? {} : { roles }),
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
  };
}
