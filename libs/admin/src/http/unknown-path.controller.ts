import { All, Controller, Inject, Req } from '@nestjs/common';
import { Requires } from '../auth/requires.js';
import { ADMIN_CONFIG, type AdminConfig } from '../admin-config.js';
import { pathOf, type AdminRequest } from './admin-request.js';
import { AnswerError } from './answer-error.js';
import { EndpointRegistry } from './endpoint-registry.js';

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
    const methods = this.endpoints.methodsAt(pathOf(request, this.config.path));
    if (methods.length === 0) throw new AnswerError(404, 'Not found');
    throw new AnswerError(405, 'Method not allowed', { headers: { allow: methods.join(', ') } });
  }
}
