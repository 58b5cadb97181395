import { ValidationError } from '@waygate/core';

/** Keys of one namespace. They share a hash tag, so that a script may touch all of them on a Cluster. */
export interface BackendKeys {
  /**
   * Hash: `epoch`, `revision` and `head` of the store, and beside them every record, `kind key` → `revision json`. One key, so that it
   * is read at one go, and is there wholly or not at all, whatever Redis evicts.
   */
  readonly state: string;
  /** Stream of commits; the id is `<revision>-0`. */
  readonly changes: string;
  /** Stream of audit entries. */
  readonly audit: string;
  /** Stream of refused requests. */
  readonly hits: string;
  /** JSON: which histories the store continues or branched off from. Apart from the state, where earlier versions would trip over it. */
  readonly lineage: string;
  /** Hash: who offers to restore a store that lost state. Expires. */
  readonly offers: string;
}

/** @throws {ValidationError} for a name that could not stand in a hash tag */
export function keysOf(namespace: string): BackendKeys {
  if (typeof namespace !== 'string' || !/^[\w.:-]{1,128}$/.test(namespace))
    throw new ValidationError('namespace', "must have 1 to 128 letters, digits, '.', ':', '_' or '-'");
  const key = (name: string): string => `{${namespace}}:${name}`;
  return {
    state: key('state'),
    changes: key('changes'),
    audit: key('audit'),
    hits: key('hits'),
    lineage: key('lineage'),
    offers: key('offers'),
  };
}
