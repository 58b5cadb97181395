import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Author } from '../model/author.js';
import type { AuditEntry } from '../schema/audit.js';
import { ConfigurationError, ValidationError } from '../model/errors.js';
import type { ChangeSet, RecordWrite } from '../schema/record.js';
import type { Snapshot } from '../state/snapshot.js';
import type { WebhookDeclaration } from './options.js';
import { newSecret, SECRET_OVERLAP_MS } from './secret.js';
import { webhookAudit } from './webhook-audit.js';
import type { WebhookDefinition, WebhookDefinitions } from './webhook-definition.js';
import { newWebhook, withSecret } from './webhook-record.js';

const AUTHOR: Author = { actor: 'deploy', platform: 'system' };

/** The webhooks of the code, and what the store does not know of them yet. */
export class DeclaredWebhooks {
  readonly #definitions: readonly WebhookDefinition[];

  /** @throws {ConfigurationError} naming the one that is wrong */
  constructor(declarations: readonly WebhookDeclaration[], definitions: WebhookDefinitions) {
    const keys = new Set<string>();
    this.#definitions = declarations.map((declaration, index) => {
      try {
        const definition = definitions.read(declaration);
        if (keys.has(definition.key))
          throw new ValidationError('name', 'another webhook is called so, or leads to the same URL; name both');
        keys.add(definition.key);
        return definition;
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        throw new ConfigurationError(`Option 'webhooks.declared[${index}].${error.field}': ${error.problem}.`, { cause: error });
      }
    });
  }

  get isEmpty(): boolean {
    return this.#definitions.length === 0;
  }

  /** What is to be written; `null` = nothing. Where the code says what it said before, later changes stay. */
  missingIn(snapshot: Snapshot, now: number): ChangeSet | null {
    const writes: RecordWrite[] = [];
    const audit: AuditEntry[] = [];
    for (const { key, settings, secret } of this.#definitions) {
      const stored = snapshot.get('webhook', key);
      const declared = { ...settings, secretHash: secret === null ? null : hashOf(secret) };
      const before = stored?.value ?? null;
      if (before !== null && isDeepStrictEqual(before.declared, declared)) continue;
      const isNewSecret = secret !== null && before?.declared?.secretHash !== declared.secretHash;
      const after =
        before === null
          ? newWebhook(settings, secret ?? newSecret(), declared, now)
          : withSecret({ ...before, ...settings, declared }, isNewSecret ? secret : null, SECRET_OVERLAP_MS, now);
      writes.push({ kind: 'webhook', key, expected: stored?.revision ?? 0, value: after });
      audit.push(webhookAudit(before === null ? 'webhook_created' : 'webhook_updated', key, before, after, AUTHOR, now));
    }
    return writes.length === 0 ? null : { writes, audit };
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
