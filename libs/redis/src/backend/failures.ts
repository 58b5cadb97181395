import { BackendUnavailableError } from '@waygate/core';
import { errorMessage, isError } from '@waygate/core/native-errors';

const LACKS_PERMISSION = 'The user of Redis lacks a permission; the docs name the commands that are needed.';

/** What to do about an answer, by what it begins with. */
const ADVICE: readonly (readonly [start: string, advice: string])[] = [
  ['READONLY', 'This Redis is a read-only replica; connect to the master, or through Sentinel.'],
  ['OOM', "Redis is out of memory; raise 'maxmemory' or free some, and keep the policy 'noeviction' for control data."],
  ['MISCONF', 'Redis cannot save to its disk; look at its log.'],
  ['NOREPLICAS', "Too few replicas are connected for 'min-replicas-to-write'."],
  ['NOAUTH', 'Give the password of Redis with the URL or the options.'],
  ['WRONGPASS', 'The user or the password of Redis is wrong.'],
  ['NOPERM', LACKS_PERMISSION],
  ['ERR The user executing the script', LACKS_PERMISSION],
  ['LOADING', 'Redis is starting; try again shortly.'],
  ['CLUSTERDOWN', 'The Cluster is not complete; try again when it is.'],
  ['WRONGTYPE', 'Something else lies under a key of this namespace; choose another namespace.'],
];

/** Whether Redis answered, and the answer is a refusal. */
export function isRefusal(error: unknown): error is Error {
  return isError(error) && (error.name === 'ReplyError' || /^[A-Z]{3,} /.test(error.message));
}

/** @param what is the matter, e.g. `Nothing was changed` */
export function unavailable(what: string, error: unknown): BackendUnavailableError {
  if (error instanceof BackendUnavailableError) return error;
  const message = errorMessage(error);
  const advice = ADVICE.find(([start]) => message.startsWith(start))?.[1];
  const said = isRefusal(error) ? `Redis said '${message}'.` : `Redis cannot be reached (${message}).`;
  return new BackendUnavailableError(`${what}: ${said}${advice === undefined ? '' : ` ${advice}`}`, { cause: error });
}

export const messages = {
  unknown: (cause: string) =>
    `It is unknown whether the change was written: Redis was asked, and no answer came (${cause}). Look at the record, or at the audit log, before you try again.`,
  moved: () =>
    'Nothing was changed: the store in Redis was made anew, or lost its newest commits in a failover. It is being loaded again; then try again.',
};
