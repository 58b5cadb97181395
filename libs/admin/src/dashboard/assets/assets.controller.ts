import type { ServerResponse } from 'node:http';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { type AdminRequest, AnswerError, headerOf, Public } from '../admin/surface.js';
import { AssetStore } from './asset-store.js';

@Controller('assets')
export class AssetsController {
  constructor(private readonly assets: AssetStore) {}

  @Get(':file')
  @Public()
  get(@Param('file') file: string, @Req() request: AdminRequest, @Res() response: ServerResponse): void {
    const asset = this.assets.find(file);
    if (asset === undefined) throw new AnswerError(404, 'Not found');
    const zipped = /\bgzip\b/.test(headerOf(request, 'accept-encoding') ?? '');
    const bytes = zipped ? asset.gzipped : asset.bytes;
    response.setHeader('content-type', asset.type);
    response.setHeader('cache-control', 'public, max-age=31536000, immutable');
    response.setHeader('vary', 'accept-encoding');
    if (zipped) response.setHeader('content-encoding', 'gzip');
    response.setHeader('content-length', bytes.length);
    response.end(bytes);
  }
}
