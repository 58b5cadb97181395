import { Inject, Post } from '@nestjs/common';
import { ADMIN_CONFIG, type AdminConfig, headerOf, hostRequestOf, Requires } from '../admin/surface.js';
import { PageController } from './page-controller.js';
import { Pages } from './pages.js';
import { THEME_COOKIE, THEME_SECONDS, THEMES } from './themes.js';
import { Visiting, type Visit } from './visit.js';

@PageController('theme')
export class ThemeController {
  constructor(
    private readonly pages: Pages,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  /** Remembers light or dark in this browser. */
  @Post()
  @Requires('viewer', 'filtered')
  choose(@Visiting() visit: Visit): void {
    const theme = THEMES.find((known) => known === visit.field('theme')) ?? 'auto';
    const secure = hostRequestOf(visit.request).secure ? '; Secure' : '';
    const cookie = `${THEME_COOKIE}=${theme}; Path=/${this.config.path}; Max-Age=${THEME_SECONDS}; SameSite=Strict${secure}`;
    visit.response.appendHeader('set-cookie', cookie);
    visit.response.writeHead(303, { location: this.#back(visit) }).end();
  }

  #back({ request }: Visit): string {
    const referer = headerOf(request, 'referer');
    const root = this.pages.links.to('');
    if (referer === null || !URL.canParse(referer)) return root;
    const { host, pathname, search } = new URL(referer);
    // Two slashes at the beginning would name another host.
    return host === headerOf(request, 'host') && pathname.startsWith(root) ? (pathname + search).replace(/^\/+/, '/') : root;
  }
}
