import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  MemoryCounterStore,
  WaygateEngine,
  type CounterCheck,
  type CounterRule,
  type CounterStore,
  type CounterVerdict,
} from '@waygate/core';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';

/** How long it is remembered that somebody signed in from an address. */
const FAMILIAR_MS = 30 * 86_400_000;

/**
 * Counts attempts to sign in, for each account and for each address: in the app's shared store, or in a table of their own, so that a flood of
 * requests to the app keeps nobody from signing in. Who signed in from an address
 * before is counted apart there: otherwise anybody could keep them out by guessing from elsewhere.
 */
@Injectable()
export class SignInLimits {
  readonly #account: CounterRule;
  readonly #address: CounterRule;
  /** Attempts for an account from an address it is known at. */
  readonly #familiar: CounterRule;
  /** Used up = the account is known at the address. */
  readonly #signedIn: CounterRule;
  /** In this process: where the app has no shared store, and while that fails. */
  readonly #fallback: MemoryCounterStore;
  readonly #store: CounterStore;
  readonly #logger = new Logger('WaygateAdmin');

  constructor(
    private readonly engine: WaygateEngine,
    @Inject(ADMIN_CONFIG) { signInLimits: { perAccount, perAddress, periodMs } }: AdminConfig,
  ) {
    const rule = (what: string, limit: number, period: number): CounterRule => ({
      id: `waygate:sign-in:${what}:${limit}:${period}`,
      algorithm: 'token_bucket',
      limit,
      burst: 0,
      periodMs: period,
    });
    this.#account = rule('account', perAccount, periodMs);
    this.#address = rule('address', perAddress, periodMs);
    this.#familiar = rule('familiar', perAccount, periodMs);
    this.#signedIn = rule('signed-in', 1, FAMILIAR_MS);
    this.#fallback = new MemoryCounterStore({ capacity: 10_000, clock: () => engine.now() });
    const { counters } = engine;
    this.#store = counters instanceof MemoryCounterStore ? this.#fallback : counters;
  }

  /** Counts an attempt. @returns ms to wait when it is one too many; 0 = go on */
  async attempt(username: string, ip: string | null): Promise<number> {
    const place = this.#placeOf(username, ip);
    const account = (await this.#isFamiliar(place))
      ? { rule: this.#familiar, caller: place, cost: 1 }
      : { rule: this.#account, caller: callerFor(username), cost: 1 };
    const verdicts = await this.#consume([{ rule: this.#address, caller: this.#addressOf(ip), cost: 1 }, account]);
    return Math.max(0, ...verdicts.filter(({ allowed }) => !allowed).map(({ retryAfterMs }) => retryAfterMs));
  }

  /** The password was right: earlier mistakes do not count any more, as far as they may have been the same person's. */
  async succeeded(username: string, ip: string | null): Promise<void> {
    const place = this.#placeOf(username, ip);
    if (await this.#isFamiliar(place)) return this.#reset(this.#familiar, place);
    await this.#reset(this.#account, callerFor(username));
    await this.#consume([{ rule: this.#signedIn, caller: place, cost: 1 }]);
  }

  async #isFamiliar(place: string): Promise<boolean> {
    const [verdict] = await this.#consume([{ rule: this.#signedIn, caller: place, cost: 0 }]);
    return verdict?.remaining === 0;
  }

  #addressOf(ip: string | null): string {
    return this.engine.callerOf(ip ?? 'unknown');
  }

  /** An account at an address. */
  #placeOf(username: string, ip: string | null): string {
    return callerFor(`${this.#addressOf(ip)}\0${username}`);
  }

  async #reset(rule: CounterRule, caller: string): Promise<void> {
    this.#fallback.reset(rule, caller);
    try {
      await this.#store.reset(rule, caller);
    } catch (error) {
      this.#logger.warn(`The attempts of an account could not be forgotten: ${String(error)}`);
    }
  }

  async #consume(checks: readonly CounterCheck[]): Promise<readonly CounterVerdict[]> {
    try {
      return await this.#store.consume(checks);
    } catch (error) {
      // Without the shared store, this process still counts: an attacker gains at most one limit a process.
      this.#logger.warn(`Attempts to sign in are counted in this process only: ${String(error)}`);
      return this.#fallback.consume(checks);
    }
  }
}

/** Names are of any length; counters' names are not. */
function callerFor(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}
