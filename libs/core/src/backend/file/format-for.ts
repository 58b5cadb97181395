import { extname } from 'node:path';
import { ConfigurationError } from '../../model/errors.js';
import type { StateFormat } from './state-format.js';

/** The formats by file extension. */
const FORMATS: Readonly<Record<string, () => Promise<StateFormat>>> = {
  '.json': async () => (await import('./json-format.js')).JSON_FORMAT,
  '.yaml': async () => (await import('./yaml-format.js')).loadYamlFormat(),
  '.yml': async () => (await import('./yaml-format.js')).loadYamlFormat(),
  '.toml': async () => (await import('./toml-format.js')).loadTomlFormat(),
};

/**
 * Which format a file's name asks for. Its parser is loaded only when called for.
 * @throws {ConfigurationError} for an extension without a format
 */
export function formatFor(path: string): () => Promise<StateFormat> {
  const load = FORMATS[extname(path).toLowerCase()];
  if (load !== undefined) return load;
  throw new ConfigurationError(
    `The state file '${path}' has no known format. Use a name that ends in .json, .yaml, .yml or .toml.`,
  );
}
