import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';

/** A file that pages load. */
export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

export type AssetName = 'dashboard.css' | 'dashboard.js' | 'charts.js' | 'htmx.js' | 'uplot.js' | 'uplot.css' | 'icon.svg';

const OWN = join(__dirname, '..', '..', '..', 'assets');
const packages = createRequire(join(OWN, 'dashboard.js'));
const FILES: Readonly<Record<AssetName, () => string>> = {
  'dashboard.css': () => join(OWN, 'dashboard.css'),
  'dashboard.js': () => join(OWN, 'dashboard.js'),
  'charts.js': () => join(OWN, 'charts.js'),
  'icon.svg': () => join(OWN, 'icon.svg'),
  'htmx.js': () => packages.resolve('htmx.org/dist/htmx.min.js'),
  'uplot.js': () => packages.resolve('uplot/dist/uPlot.iife.min.js'),
  'uplot.css': () => packages.resolve('uplot/dist/uPlot.min.css'),
};
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What pages load, served from files of this package and of those it depends on: under the hash of their content, to be kept for ever. */
@Injectable()
export class AssetStore {
  readonly #names = new Map<AssetName, string>();
  readonly #assets = new Map<string, Asset>();

  constructor() {
    for (const [name, path] of Object.entries(FILES) as [AssetName, () => string][]) {
      const bytes = readFileSync(path());
      const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 12);
      const [stem = '', extension = ''] = name.split('.');
      const hashed = `${stem}.${hash}.${extension}`;
      this.#names.set(name, hashed);
      this.#assets.set(hashed, { type: TYPES[extension] ?? 'application/octet-stream', bytes, gzipped: gzipSync(bytes) });
    }
  }

  /** The name with its hash, as it stands in URLs. */
  hashed(name: AssetName): string {
    return this.#names.get(name) ?? name;
  }

  /** @param hashed a name with its hash */
  find(hashed: string): Asset | undefined {
    return this.#assets.get(hashed);
  }
}
