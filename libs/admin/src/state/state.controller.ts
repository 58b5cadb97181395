import { Controller, HttpCode, Post } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import { LenientBody } from '../http/body.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { Who } from '../http/who.decorator.js';
import { ReasonBody } from '../routes/routes.dto.js';

/** The store as a whole. */
@Controller('api/state')
export class StateController {
  constructor(private readonly engine: WaygateEngine) {}

  /** Accepts the store as it is, after a backup was restored on purpose. */
  @Post('accept')
  @HttpCode(200)
  @Requires('admin', 'everything')
  async accept(@LenientBody(ReasonBody) { reason }: ReasonBody, @Who() who: Principal): Promise<object> {
    await this.engine.acceptState(who.author(reason));
    return { revision: this.engine.revision };
  }
}
