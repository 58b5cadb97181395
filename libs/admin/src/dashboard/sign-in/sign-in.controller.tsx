import type { ServerResponse } from 'node:http';
import { Controller, Get, Inject, Req, Res, UseFilters } from '@nestjs/common';
import { ADMIN_CONFIG, type AdminConfig } from '../../admin-config.js';
import { Public } from '../../auth/requires.js';
import { queryOf, type AdminRequest } from '../../http/admin-request.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { SignInForm } from './sign-in-form.js';

@Controller()
@UseFilters(PageErrorsFilter)
export class SignInController {
  constructor(
    private readonly pages: Pages,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  @Get('login')
  @Public()
  form(@Req() request: AdminRequest, @Res() response: ServerResponse): void {
    if (this.config.authenticator === null) return void response.writeHead(302, { location: this.pages.links.to('') }).end();
    const error = queryOf(request, 'error');
    const known =
      error !== null && /^(Invalid credentials|Too many attempts to sign in\. Try again in \d+ s)$/.test(error) ? error : null;
    this.pages.bare(request, response, 'Sign in', <SignInForm links={this.pages.links} error={known} />);
  }
}
