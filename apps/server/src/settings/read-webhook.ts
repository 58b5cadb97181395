import type { WebhookDeclaration } from '@waygate/core';
import { SettingError } from './setting.js';

const MEMBERS = ['url', 'name', 'events', 'formatter', 'secret', 'description'];

/** Reads a URL, or an object with the members of a webhook. */
export function readWebhook(given: unknown): WebhookDeclaration {
  if (typeof given === 'string') return { url: given };
  if (typeof given !== 'object' || given === null || !('url' in given) || typeof given.url !== 'string')
    throw new SettingError("must be a URL, or an object with a 'url'");
  const unknown = Object.keys(given).find((member) => !MEMBERS.includes(member));
  if (unknown !== undefined) throw new SettingError(`a webhook has no '${unknown}': use ${MEMBERS.join(', ')}`);
  return given as WebhookDeclaration;
}
