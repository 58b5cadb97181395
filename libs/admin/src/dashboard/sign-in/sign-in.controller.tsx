import type { ServerResponse } from 'node:http';
import { Get, Inject, Req, Res } from '@nestjs/common';
import {
  ADMIN_CONFIG,
  type AdminConfig,
  type AdminRequest,
  NO_PASSWORDS,
  OIDC_FAILURES,
  Public,
  queryOf,
} from '../admin/surface.js';
import { PageController } from '../page/page-controller.js';
import { Pages } from '../page/pages.js';
import { SignInForm } from './sign-in-form.js';

/** Whether it is a text of ours: the page repeats nothing that a link made up. */
function isOurs(error: string): boolean {
  return (
    /^(Invalid credentials|Too many attempts to sign in\. Try again in \d+ s)$/.test(error) ||
    Object.values<string>(OIDC_FAILURES).includes(error)
  );
}

@PageController()
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
    const { authenticator, oidc } = this.config;
    this.pages.bare(
      request,
      response,
      'Sign in',
      <SignInForm
        links={this.pages.links}
        error={error !== null && isOurs(error) ? error : null}
        withPassword={authenticator !== NO_PASSWORDS}
        withProvider={oidc !== null}
      />,
    );
  }
}
