import { parseRouteKey, RouteNotFoundError, ValidationError, type RouteKeyParts } from '@waygate/core';
import { badRequest } from './answer-error.js';

/**
 * The key in a URL: base64url of its UTF-8, with or without padding (wire contract, §2).
 * @throws {AnswerError} 400 for what is not
 */
export function decodePathKey(text: string): string {
  const plain = text.replace(/=+$/, '');
  const bytes = Buffer.from(plain, 'base64url');
  const key = bytes.toString('utf8');
  const canonical = bytes.toString('base64url') === plain && Buffer.from(key, 'utf8').equals(bytes);
  if (plain === '' || plain.length > 2_048 || !canonical) throw badRequest('The key in the URL must be base64url of a route key');
  return key;
}

export function encodePathKey(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

/**
 * Takes a route key apart; what cannot be one is not registered.
 * @throws {RouteNotFoundError}
 */
export function partsOf(key: string): RouteKeyParts {
  try {
    return parseRouteKey(key);
  } catch (error) {
    if (error instanceof ValidationError) throw new RouteNotFoundError(key);
    throw error;
  }
}
