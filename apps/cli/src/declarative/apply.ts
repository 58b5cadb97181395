import { readFile } from 'node:fs/promises';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, Declined, EXIT, UsageFailure } from '../terminal/failure.js';
import { printDifferences } from '../terminal/difference.js';
import { canAsk, confirm, readStandardInput } from '../terminal/prompt.js';
import { bold, green, red, yellow } from '../terminal/style.js';
import { readCurrent } from './current-state.js';
import { readDocument } from './waygate-document.js';
import { applyOneByOne } from './apply-one-by-one.js';
import { applyTogether } from './apply-together.js';
import { planSteps, type Step } from './plan-steps.js';

/** @returns the steps that it shows */
export async function plan(cli: Cli, input: Input): Promise<readonly Step[]> {
  const steps = await stepsOf(cli, input);
  cli.out.value({ changes: steps.map(summary) });
  print(cli, steps, input.flag('overrideCode'));
  if (input.flag('check') && steps.length > 0) process.exitCode = EXIT.drift;
  return steps;
}

export async function apply(cli: Cli, input: Input): Promise<void> {
  if (input.flag('check')) {
    if (input.optionalValue('wait') !== undefined) throw new UsageFailure('--check makes no change that --wait could wait for');
    const planned = await plan(cli, input);
    // The server says now what it would refuse later.
    if (planned.length > 0) await applyTogether(await cli.client(), planned, { dryRun: true });
    return;
  }
  const { out } = cli;
  const steps = await stepsOf(cli, input);
  print(cli, steps, input.flag('overrideCode'));
  const owned = steps.filter(({ ownedByCode }) => ownedByCode);
  if (owned.length > 0 && !input.flag('overrideCode')) {
    const names = owned.map(({ kind, key }) => `  ${kind} ${key}`);
    throw new CliFailure(
      'The code declares something else for these; nothing was changed. --override-code changes them all the same.',
      EXIT.failure,
      names,
    );
  }
  if (steps.length > 0) await confirmChanges(cli, input);
  await applyAll(cli, steps, input.option('reason'));
  out.value({ applied: steps.map(summary) });
}

async function applyAll(cli: Cli, steps: readonly Step[], reason: string | undefined): Promise<void> {
  if (steps.length === 0) return;
  const outcome = await applyTogether(await cli.client(), steps, reason === undefined ? {} : { reason });
  if (outcome === 'unsupported') {
    cli.out.say`This server cannot apply a file as one change. The changes are made one by one.`;
    await applyOneByOne(await cli.client(), steps, reason);
  }
  cli.out.say`${green('✓')} Applied ${steps.length} ${steps.length === 1 ? 'change' : 'changes'}.`;
}

/** @throws {Declined | UsageFailure} */
async function confirmChanges({ out }: Cli, input: Input): Promise<void> {
  if (input.flag('yes')) return;
  if (out.json || !canAsk() || input.option('file') === '-') throw new UsageFailure('this needs a yes: add --yes');
  out.flush();
  if (!(await confirm('Apply?'))) throw new Declined();
}

async function stepsOf(cli: Cli, input: Input): Promise<readonly Step[]> {
  const path = input.required('file');
  const document = await readDocument(await textOf(path), path === '-' ? 'standard input' : path);
  const services = [...Object.keys(document.maintenance?.services ?? {}), ...Object.keys(document.service_rate_limits ?? {})];
  return planSteps(document, await readCurrent(await cli.client(), services), input.flag('prune'));
}

async function textOf(path: string): Promise<string> {
  if (path === '-') return readStandardInput();
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliFailure(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function print({ out }: Cli, steps: readonly Step[], overrideCode: boolean): void {
  const marks = { create: green('+'), update: yellow('~'), delete: red('-') };
  for (const { kind, key, action, differences, ownedByCode } of steps) {
    const note = !ownedByCode ? '' : overrideCode ? ' (overrides the code)' : ' (declared by the code)';
    out.say`${marks[action]} ${bold(`${kind} ${key}`.trim())}${note}`;
    printDifferences(out, differences);
  }
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length;
  if (steps.length === 0) out.say`${green('✓')} No changes.`;
  else out.say`Plan: ${count('create')} to add, ${count('update')} to change, ${count('delete')} to remove.`;
}

function summary({ kind, key, action, differences, ownedByCode }: Step): object {
  return { kind, key, action, differences, owned_by_code: ownedByCode };
}
