import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import { ASSET_FILES } from './asset-files.js';

/** A file that pages load. */
export interface Asset {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

export type AssetName = keyof typeof ASSET_FILES;

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** What pages load, served under the hash of their content, to be kept for ever. */
@Injectable()
export class AssetStore {
  readonly #names = new Map<AssetName, string>();
  readonly #assets = new Map<string, Asset>();

  constructor() {
    for (const [name, text] of Object.entries(ASSET_FILES) as [AssetName, string][]) {
      const bytes = Buffer.from(text);
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
