import { ApiError, NotFoundError, NotJsonError, type WaygateClient } from '@waygate/client';
import { CliFailure, EXIT } from '../terminal/failure.js';
import type { Step } from './plan-steps.js';

const MAX_CHANGES = 1_000;

/**
 * Makes the changes of all steps as one revision, or with `dryRun` has the server check them.
 * @returns `unsupported` = the server does not know how to, and nothing was changed
 * @throws {CliFailure} naming the entry of the file that is wrong; then nothing was changed
 */
export async function applyTogether(
  client: WaygateClient,
  steps: readonly Step[],
  { dryRun = false, reason }: { readonly dryRun?: boolean; readonly reason?: string },
): Promise<'applied' | 'unsupported'> {
  const changes = steps.flatMap((step) => step.changes);
  if (changes.length > MAX_CHANGES)
    throw new CliFailure(
      `The file makes ${changes.length} changes; at most ${MAX_CHANGES} can be made as one. Split it, or apply it section by section.`,
    );
  const said = reason === undefined ? {} : { reason };
  try {
    await (dryRun ? client.changes.apply(changes, { dryRun, ...said }) : client.changes.apply(changes, said));
    return 'applied';
  } catch (error) {
    if (isUnsupported(error)) return 'unsupported';
    if (!(error instanceof ApiError)) throw error;
    throw new CliFailure(messageOf(error, steps), EXIT.failure, ['Nothing was changed.']);
  }
}

/** A server that knows the endpoint says which change it does not find. */
function isUnsupported(error: unknown): boolean {
  if (error instanceof NotJsonError) return error.status === 404 || error.status === 405;
  if (error instanceof NotFoundError) return error.body['change'] === undefined;
  return error instanceof ApiError && error.status === 405;
}

/** The server's message with the entry of the file in place of the position in the list. */
function messageOf({ message }: ApiError, steps: readonly Step[]): string {
  const [, position, field, problem = message] = /^changes\[(\d+)\](?:\.([^:]+))?: (.*)$/s.exec(message) ?? [];
  if (position === undefined) return message;
  const owners = steps.flatMap((step) => step.changes.map(() => step));
  const { kind = '', key = '' } = owners[Number(position)] ?? {};
  const entry = `${kind} ${key}`.trim();
  const member = field?.replace(/^(?:rate_limit|flag|segment)\./, '');
  return member === undefined ? `${entry}: ${problem}` : `${entry}: ${member}: ${problem}`;
}
