import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const OWN = join(__dirname, '..', '..', 'assets', 'swagger');

/**
 * What Waygate adds to the page of Swagger UI. The build replaces this module by one that holds the texts (`scripts/embed-assets.mjs`), so
 * that a bundle of an app needs no files beside it.
 */
export const ASSET_FILES = {
  'waygate.css': readFileSync(join(OWN, 'waygate.css'), 'utf8'),
  'waygate.js': readFileSync(join(OWN, 'waygate.js'), 'utf8'),
};
