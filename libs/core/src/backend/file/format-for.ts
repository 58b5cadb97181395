import { extname } from 'node:path';
import { ConfigurationError } from '../../model/errors.js';
import { JSON_FORMAT } from './json-format.js';
import type { StateFormat } from './state-format.js';
import { loadTomlFormat } from './toml-format.js';
import { loadYamlFormat } from './yaml-format.js';

/** The formats by file extension. */
const FORMATS: Readonly<Record<string, () => StateFormat>> = {
  '.json': () => JSON_FORMAT,
  '.yaml': loadYamlFormat,
  '.yml': loadYamlFormat,
  '.toml': loadTomlFormat,
};

/**
 * Which format a file's name asks for. Its parser is loaded only when called for.
 * @throws {ConfigurationError} for an extension without a format
 */
export function formatFor(path: string): () => StateFormat {
  const load = FORMATS[extname(path).toLowerCase()];
  if (load !== undefined) return load;
  throw new ConfigurationError(
    `The state file '${path}' has no known format. Use a name that ends in .json, .yaml, .yml or .toml.`,
  );
}
