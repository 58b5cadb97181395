import { All, Controller, Inject, Req } from '@nestjs/common';
import { Requires } from './requires.js';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { pathOf, type AdminRequest } from './admin-request.js';
import { AnswerError } from './answer-error.js';
import { EndpointRegistry } from './endpoint-registry.js';

/** Whatever of the API nothing else answers to, in JSON whoever asks. Must be registered after the API, and before the pages. */
@Controller()
export class UnknownEndpointController {
  constructor(
    private readonly endpoints: EndpointRegistry,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @All(['api{/*path}', 'ofrep{/*path}'])
  @Requires('viewer', 'filtered', { sdk: true })
  unknown(@Req() request: AdminRequest): never {
    throw nothingAt(pathOf(request, this.config.path), this.endpoints);
  }
}

/** Whatever nothing else answers to, for those who are signed in: others are not told what there is. Must be registered last. */
@Controller()
export class UnknownPathController {
  constructor(
    private readonly endpoints: EndpointRegistry,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @All('{*path}')
  @Requires('viewer', 'filtered', { sdk: true })
  unknown(@Req() request: AdminRequest): never {
    throw nothingAt(pathOf(request, this.config.path), this.endpoints);
  }
}

function nothingAt(path: string, endpoints: EndpointRegistry): AnswerError {
  const methods = endpoints.methodsAt(path);
  if (methods.length === 0) return new AnswerError(404, 'Not found');
  return new AnswerError(405, 'Method not allowed', { headers: { allow: methods.join(', ') } });
}
