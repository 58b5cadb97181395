import { createHash } from 'node:crypto';
import { ValidationError } from '../model/errors.js';
import type { WebhookSettings } from '../schema/webhook.js';
import { readEvents } from './event-filter.js';
import type { WebhookFormatter } from './formatters.js';
import type { WebhookDeclaration, WebhooksConfig } from './options.js';
import { checkSecret } from './secret.js';
import { readWebhookUrl } from './webhook-url.js';

/** What somebody asks a webhook to be, checked. */
export interface WebhookDefinition {
  readonly key: string;
  readonly settings: WebhookSettings;
  /** As given; `null` = none was. */
  readonly secret: string | null;
}

/** Reads what webhooks are asked to be, and knows the formatters that they may name. */
export class WebhookDefinitions {
  readonly #formatters: Map<string, WebhookFormatter>;

  constructor(private readonly config: Pick<WebhooksConfig, 'guard' | 'allowInsecure' | 'formatters'>) {
    this.#formatters = new Map(config.formatters);
  }

  /** By name; functions that were given come to it. */
  get formatters(): ReadonlyMap<string, WebhookFormatter> {
    return this.#formatters;
  }

  /**
   * @param known the key, where the webhook is there already
   * @throws {ValidationError}
   */
  read(
    { url: given, name, events = [], formatter = 'waygate', secret, description = '' }: WebhookDeclaration,
    known?: string,
  ): WebhookDefinition {
    const { guard, allowInsecure } = this.config;
    const url = readWebhookUrl(given, guard, allowInsecure);
    const key = known ?? readName(name) ?? `wh_${createHash('sha256').update(url).digest('hex').slice(0, 12)}`;
    if (typeof description !== 'string' || description.length > 500)
      throw new ValidationError('description', 'must be text of at most 500 characters');
    const settings = { url, events: readEvents(events), formatter: this.formatterName(formatter, key), description };
    return { key, settings, secret: secret === undefined ? null : checkSecret(secret) };
  }

  /**
   * The name a formatter is stored by. A function is kept in this process under a name made from the webhook's; other processes know it
   * when they run the same code.
   * @throws {ValidationError} for a name that is not registered
   */
  formatterName(formatter: string | WebhookFormatter, key: string): string {
    const ownName = `code:${key}`;
    if (typeof formatter === 'function') this.#formatters.set(ownName, formatter);
    const name = typeof formatter === 'function' ? ownName : formatter;
    if (this.#formatters.has(name) || name === ownName) return name;
    const names = [...this.#formatters.keys()].filter((each) => !each.startsWith('code:'));
    throw new ValidationError('formatter', `'${String(name)}' is not registered. Use one of ${names.join(', ')}, or a function`);
  }
}

/** @throws {ValidationError} */
function readName(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name))
    throw new ValidationError('name', "must have 1 to 128 letters, digits, '.', '_' and '-', the first a letter or digit");
  return name;
}
