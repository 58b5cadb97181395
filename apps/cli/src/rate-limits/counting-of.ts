import { untilOf } from '../command/expiry.js';
import type { Input } from '../command/input.js';
import { UsageFailure } from '../terminal/failure.js';

/** Whom to count and how, as far as the options say. @throws {UsageFailure} */
export function countingOf(input: Input) {
  const algorithm = input.option('algorithm');
  const key = input.option('key');
  const mode = input.option('mode');
  const onMissing = input.option('onMissingKey');
  const tiers = input.list('tier').map(tierOf);
  const addresses = input.list('exemptIp');
  const roles = input.list('exemptRole');
  return {
    burst: input.number('burst', 0),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(key === undefined ? {} : { key_strategy: key }),
    ...(mode === undefined ? {} : { mode }),
    ...(onMissing === undefined ? {} : { on_missing_key: onMissing }),
    ...(input.option('cost') === undefined ? {} : { cost: input.number('cost', 0) }),
    ...(tiers.length === 0 ? {} : { tiers }),
    ...(addresses.length === 0 ? {} : { exempt_ips: addresses }),
    ...(roles.length === 0 ? {} : { exempt_roles: roles }),
    ...untilOf(input)?.expiry,
  };
}

function tierOf(text: string): { readonly name: string; readonly limit: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageFailure(`option '--tier' takes name=limit, not '${text}'`);
  return { name: text.slice(0, equals), limit: text.slice(equals + 1) };
}
