import { Controller, Get, Inject } from '@nestjs/common';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { Requires } from '../http/requires.js';
import { EndpointRegistry } from '../http/endpoint-registry.js';
import { openApiDocument } from './openapi-document.js';

/** The description of this API, for those who may use it. */
@Controller('api')
export class OpenApiController {
  #document: object | undefined;

  constructor(
    private readonly endpoints: EndpointRegistry,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @Get('openapi.json')
  @Requires('viewer', 'filtered')
  document(): object {
    return (this.#document ??= openApiDocument(this.endpoints.all(), this.config.path));
  }
}
