import {
  BackendUnavailableError,
  ChangeRefusedError,
  checkChangeSet,
  checkPage,
  ConfigurationError,
  ConflictError,
  ValidationError,
  WaygateBackend,
  type AuditEntry,
  type AuditFilter,
  type ChangeBatch,
  type ChangeSet,
  type HitFilter,
  type Page,
  type PageRequest,
  type RateLimitHit,
  type RecordedAuditEntry,
  type StateImage,
  type Unsubscribe,
} from '@waygate/core';
import { ApiError, ClientConfigurationError, ForbiddenError, NoAnswerError, NotFoundError, ServerError } from '../http/errors.js';
import { Pace } from '../server/pace.js';
import type { Protocol } from '../server/protocol.js';
import { ServerConnection } from '../server/server-connection.js';
import { protocolsFor } from './protocols-for.js';

export interface WaygateServerBackendOptions {
  /** Where the server's admin is mounted, prefix included, e.g. `https://waygate.example` or `http://localhost:3000/waygate`. */
  readonly url: string;
  /**
   * The service this process is part of: it gets the state of that one and what concerns all. Without it everything is kept in step, as a
   * relay needs; that takes an admin of everything.
   */
  readonly appId?: string;
  /** An API token, e.g. of role `sdk` for one service. Either this, or `username` and `password`, unless the server asks nobody. */
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM certificates trusted beside those of the system. */
  readonly ca?: string;
  /** Upper bound of the first delay before a reconnection, in ms; a random part of it is waited, later ones are up to 4.5 s. Default 4000. */
  readonly reconnectDelay?: number;
  /** How often a server that does not tell when flags change (the Python one) is asked for them, in ms. Default 30 000. */
  readonly flagsInterval?: number;
  /** Names this process where the server lists its clients; unique within the service. Default: host, process and a few random letters. */
  readonly instanceId?: string;
  /** Version of the application, shown beside it. Default: `npm_package_version`, where npm started the process. */
  readonly version?: string;
}

interface Listener {
  readonly onBatch: (batch: ChangeBatch) => void;
  readonly onGap: (reason: string) => void;
  stop: Unsubscribe;
}

/**
 * Keeps state in a Waygate server. Loads and follows it over HTTP and server-sent events, and commits through its API; decisions are made
 * here and need no server. A server whose backend is another server is a relay.
 *
 * Servers that know only the wire contract are spoken to by its endpoints, as far as they reach.
 */
export class WaygateServerBackend extends WaygateBackend {
  /** The server records what time brings. */
  override readonly runsSchedule = true;
  readonly #connection: ServerConnection;
  readonly #pace: Pace;
  readonly #protocols: ReturnType<typeof protocolsFor>;
  #protocol: Protocol;
  /** Whether the server answered once, and what it speaks is known. */
  #isKnown = false;
  readonly #listeners = new Set<Listener>();
  #loading: Promise<StateImage> | undefined;

  /** @throws {ConfigurationError} naming the option that is wrong */
  constructor(options: WaygateServerBackendOptions) {
    super();
    const { appId, token, username, password, ca, reconnectDelay = 4_000, flagsInterval = 30_000 } = options;
    if (token !== undefined && username !== undefined)
      throw new ConfigurationError("Give either option 'token' or 'username' and 'password', not both.");
    if ((username === undefined) !== (password === undefined))
      throw new ConfigurationError("Options 'username' and 'password' belong together.");
    if (!Number.isFinite(reconnectDelay) || reconnectDelay < 1)
      throw new ConfigurationError(`Option 'reconnectDelay' must be milliseconds ≥ 1, got ${String(reconnectDelay)}.`);
    // Longer ones would make a timer of Node fire at once.
    if (!(flagsInterval >= 1 && flagsInterval <= 86_400_000))
      throw new ConfigurationError(`Option 'flagsInterval' must be 1 to 86400000 milliseconds, got ${String(flagsInterval)}.`);
    this.#pace = new Pace(reconnectDelay);
    try {
      this.#connection = new ServerConnection({
        url: options.url,
        ...(appId === undefined ? {} : { appId }),
        ...(token === undefined ? {} : { token }),
        ...(username === undefined || password === undefined ? {} : { username, password }),
        ...(ca === undefined ? {} : { ca }),
      });
    } catch (error) {
      if (!(error instanceof ClientConfigurationError)) throw error;
      throw new ConfigurationError(`Option 'url': ${error.message}`, { cause: error });
    }
    this.#protocols = protocolsFor(this.#connection, { ...options, reconnectDelay, flagsInterval });
    const [preferred] = this.#protocols;
    this.#protocol = preferred();
  }

  /** The server, its prefix included. */
  get url(): string {
    return this.#connection.url;
  }

  /** Nothing to do: `load` finds out whether the server is there. */
  async open(): Promise<void> {}

  async close(): Promise<void> {
    this.#protocol.stop();
    this.#connection.close();
  }

  load(): Promise<StateImage> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async commit(changeSet: ChangeSet): Promise<{ revision: number }> {
    checkChangeSet(changeSet);
    try {
      return await this.#protocol.commit(changeSet);
    } catch (error) {
      throw commitError(error);
    }
  }

  /** The server's time; `NaN` where it does not tell, as Python servers and version 0.1.0. */
  override async now(): Promise<number> {
    return await asUnavailable(this.#protocol.now?.() ?? Promise.resolve(NaN));
  }

  /**
   * Makes the server accept its store; takes an admin of everything.
   * @throws {ChangeRefusedError | BackendUnavailableError}
   */
  override async accept(audit: AuditEntry): Promise<void> {
    if (this.#protocol.accept === undefined) throw new ChangeRefusedError(`${this.url} cannot accept a state.`);
    try {
      await this.#protocol.accept(audit);
    } catch (error) {
      throw commitError(error);
    }
  }

  override watch(since: number, onBatch: (batch: ChangeBatch) => void, onGap: (reason: string) => void): Unsubscribe {
    const listener: Listener = { onBatch, onGap, stop: this.#protocol.follow(since, onBatch, onGap) };
    this.#listeners.add(listener);
    return () => {
      listener.stop();
      this.#listeners.delete(listener);
    };
  }

  async queryAudit(filter: AuditFilter, page: PageRequest): Promise<Page<RecordedAuditEntry>> {
    checkPage(page.cursor === undefined ? page : { limit: page.limit });
    return asUnavailable(this.#protocol.queryAudit(filter, page));
  }

  async appendHits(hits: readonly RateLimitHit[]): Promise<void> {
    await asUnavailable(this.#protocol.appendHits(hits));
  }

  async queryHits(filter: HitFilter, page: PageRequest): Promise<Page<RateLimitHit>> {
    checkPage(page.cursor === undefined ? page : { limit: page.limit });
    return asUnavailable(this.#protocol.queryHits(filter, page));
  }

  async #load(): Promise<StateImage> {
    if (this.#isKnown) {
      try {
        return await asUnavailable(this.#protocol.load());
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        // Another kind of server took its place.
        this.#protocol.stop();
        this.#isKnown = false;
      }
    }
    // Before the first success nobody else keeps the pace.
    if (this.#pace.wait > 0) throw new BackendUnavailableError(`${this.url} did not answer; it is tried again in a moment`);
    try {
      const image = await asUnavailable(this.#discover());
      this.#pace.succeeded();
      this.#isKnown = true;
      for (const listener of this.#listeners)
        listener.stop = this.#protocol.follow(image.revision, listener.onBatch, listener.onGap);
      return image;
    } catch (error) {
      this.#pace.failed();
      throw error;
    }
  }

  /** @throws {NotFoundError} when the server knows the endpoints of none */
  async #discover(): Promise<StateImage> {
    let unknown: unknown;
    for (const create of this.#protocols) {
      this.#protocol = create();
      try {
        return await this.#protocol.load();
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        unknown = error;
      }
    }
    throw unknown;
  }
}

/** What the server says about a change set, in the words of the core. */
function commitError(error: unknown): unknown {
  if (error instanceof BackendUnavailableError && mayHaveCommitted(error.cause))
    return new BackendUnavailableError(`It is unknown whether the change was made: ${error.message}`, {
      cause: error.cause,
      mayHaveChanged: true,
    });
  if (error instanceof ForbiddenError) return new ChangeRefusedError(error.message, { cause: error });
  if (!(error instanceof ApiError)) return error;
  const conflict = error.body['conflict'];
  if (error.status === 409 && typeof conflict === 'object' && conflict !== null) {
    const { kind, key, expected, actual } = conflict as Record<string, unknown>;
    return new ConflictError(String(kind), String(key), Number(expected), Number(actual));
  }
  if (error.status === 404) return new BackendUnavailableError(error.message, { cause: error });
  return new ValidationError('changeSet', error.message);
}

/** Whether a server may have done what it was asked, although the answer was not that it did. */
function mayHaveCommitted(cause: unknown): boolean {
  if (cause instanceof NoAnswerError) return !cause.neverSent;
  if (!(cause instanceof ServerError)) return false;
  const { status, body } = cause;
  // Our servers say so in 503; other failures come from what stands between, which may have passed on the request.
  return status !== 503 || body['error'] === undefined || body['may_have_changed'] === true;
}

/** Reading only fails because the server does not give what it should. */
async function asUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) throw new ValidationError('page', error.message);
    throw error instanceof ApiError && !(error instanceof NotFoundError)
      ? new BackendUnavailableError(error.message, { cause: error })
      : error;
  }
}
