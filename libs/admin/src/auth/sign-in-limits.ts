import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { MemoryCounterStore, WaygateEngine, type CounterCheck, type CounterRule, type CounterVerdict } from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from '../admin-config.js';

/** Counts attempts to sign in, for each account and for each address, where the app counts its requests. */
@Injectable()
export class SignInLimits {
  readonly #account: CounterRule;
  readonly #address: CounterRule;
  readonly #fallback: MemoryCounterStore;
  readonly #logger = new Logger('WaygateAdmin');

  constructor(
    private readonly engine: WaygateEngine,
    @Inject(ADMIN_CONFIG) { signInLimits: { perAccount, perAddress, periodMs } }: AdminConfig,
  ) {
    const rule = (what: string, limit: number): CounterRule => ({
      id: `waygate:sign-in:${what}:${limit}:${periodMs}`,
      algorithm: 'token_bucket',
      limit,
      burst: 0,
      periodMs,
    });
    this.#account = rule('account', perAccount);
    this.#address = rule('address', perAddress);
    this.#fallback = new MemoryCounterStore({ capacity: 10_000, clock: () => engine.now() });
  }

  /** Counts an attempt. @returns ms to wait when it is one too many; 0 = go on */
  async attempt(username: string, ip: string | null): Promise<number> {
    const checks: readonly CounterCheck[] = [
      { rule: this.#address, caller: this.engine.callerOf(ip ?? 'unknown'), cost: 1 },
      { rule: this.#account, caller: callerFor(username), cost: 1 },
    ];
    const verdicts = await this.#consume(checks);
    return Math.max(0, ...verdicts.filter(({ allowed }) => !allowed).map(({ retryAfterMs }) => retryAfterMs));
  }

  /** The password was right: earlier mistakes of this account do not count any more. */
  async succeeded(username: string): Promise<void> {
    this.#fallback.reset(this.#account, callerFor(username));
    try {
      await this.engine.counters.reset(this.#account, callerFor(username));
    } catch (error) {
      this.#logger.warn(`The attempts of an account could not be forgotten: ${String(error)}`);
    }
  }

  async #consume(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    try {
      return await this.engine.counters.consume(checks);
    } catch (error) {
      // Without the shared store, this process still counts: an attacker gains at most one limit a process.
      this.#logger.warn(`Attempts to sign in are counted in this process only: ${String(error)}`);
      return this.#fallback.consume(checks);
    }
  }
}

/** Names are of any length; counters' names are not. */
function callerFor(username: string): string {
  return createHash('sha256').update(username).digest('base64url');
}
