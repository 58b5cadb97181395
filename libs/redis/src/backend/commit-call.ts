import { randomUUID } from 'node:crypto';
import { BackendUnavailableError } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { runScript } from '../connection/script.js';
import { NotConnectedError, type BoundedClient } from './bounded-client.js';
import { isRefusal, messages, unavailable } from './failures.js';
import type { BackendKeys } from './backend-keys.js';
import type { KnownPosition } from './known-position.js';
import type { Position } from './position.js';
import { COMMIT } from './scripts.lua.js';

export interface CommitCallOptions {
  readonly client: BoundedClient;
  readonly keys: BackendKeys;
  readonly known: KnownPosition;
  /** Looks where the store stands. */
  readonly find: () => Promise<Position>;
  readonly streamLength: number;
  readonly auditCapacity: number;
  /** What it may take, in ms, with a reconnection in between. */
  readonly timeoutMs: number;
}

export type CommitAnswer =
  | readonly ['ok', revision: number]
  | readonly ['conflict', index: number, actual: number]
  /** The store is of another history than what is known. */
  | readonly ['moved']
  /** It was sent before, and too much was written since to tell whether it arrived. */
  | readonly ['unknown'];

/** Commits that found no connection or no answer are tried again after about so long, in ms. */
const RETRY_MS = 25;

/** A commit was sent, and no answer came: it may have been written. */
class AskedInVainError extends Error {}

/** Calls the commit script until it answers: under one id, so that it is written once. */
export class CommitCall {
  constructor(private readonly options: CommitCallOptions) {}

  /**
   * @param changeSet arguments of the script
   * @throws {BackendUnavailableError} saying whether it may have been written
   */
  async send(changeSet: readonly string[]): Promise<CommitAnswer> {
    const { client, known, find, timeoutMs } = this.options;
    const deadline = performance.now() + timeoutMs;
    const left = (): number => Math.max(1, deadline - performance.now());
    const id = randomUUID();
    let from = known.at;
    let wasAsked = false;
    for (;;) {
      try {
        await client.connect(left());
        from ??= known.found(await find());
        const answer = await this.#attempt(from, id, wasAsked, changeSet, left());
        if (answer[0] === 'ok') known.reached({ epoch: from.epoch, revision: answer[1], head: id });
        return answer;
      } catch (error) {
        wasAsked ||= error instanceof AskedInVainError;
        if (isRefusal(error) || performance.now() >= deadline) {
          if (wasAsked)
            throw new BackendUnavailableError(messages.unknown(errorMessage(error)), { cause: error, mayHaveChanged: true });
          throw unavailable('Nothing was changed', error);
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * (0.5 + Math.random())));
      }
    }
  }

  /** @throws {AskedInVainError} when it may have been written all the same */
  async #attempt(
    from: Position,
    id: string,
    again: boolean,
    changeSet: readonly string[],
    leftMs: number,
  ): Promise<CommitAnswer> {
    const { client, streamLength, auditCapacity } = this.options;
    const { state, changes, audit } = this.options.keys;
    const position = [from.epoch, String(from.revision), from.head];
    const values = [...position, id, again ? '1' : '0', String(streamLength), String(auditCapacity), ...changeSet];
    try {
      return await client.ask(
        (redis) => runScript(redis, COMMIT, [state, changes, audit], values, (answer) => answer as CommitAnswer),
        leftMs,
      );
    } catch (error) {
      if (isRefusal(error) || error instanceof NotConnectedError) throw error;
      throw new AskedInVainError(errorMessage(error), { cause: error });
    }
  }
}
