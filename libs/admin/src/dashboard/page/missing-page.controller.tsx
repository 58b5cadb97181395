import { Get, Next } from '@nestjs/common';
import { AnswerError, headerOf, Requires } from '../admin/surface.js';
import { PageController } from './page-controller.js';
import { Visiting, type Visit } from './visit.js';

/** Tells browsers in a page that there is none; clients of the API are told by whatever comes after this. Must be registered last but one. */
@PageController()
export class MissingPageController {
  @Get('*path')
  @Requires('viewer', 'filtered', { sdk: true })
  missing(@Visiting() { request }: Visit, @Next() next: () => void): void {
    if (!/\btext\/html\b/.test(headerOf(request, 'accept') ?? '')) return next();
    throw new AnswerError(404, 'The address is mistyped, or what it led to is gone.');
  }
}
