import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const DOCS = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(DOCS, '..', 'libs', 'core', 'package.json'), 'utf8')) as { homepage: string };
/** Where files of the repository that are no pages are shown. */
const FILES = `${manifest.homepage.replace('#readme', '')}/blob/main/`;

/** Every page, by what a reader is after, in reading order. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Start: ['getting-started', 'configuration', 'deployment', 'testing'],
  Routes: ['route-control', 'windows', 'responses', 'rate-limits', 'swagger'],
  'Feature flags': ['flags', 'rollouts', 'flags-in-nest'],
  'See and change': ['dashboard', 'cli', 'admin-api', 'audit', 'webhooks'],
  'Many processes': ['distributed', 'backends', 'server', 'sdk', 'scaling'],
  'In production': ['production-checklist', 'security-model', 'reliability', 'benchmarks'],
  'Coming from': ['from-throttler', 'coming-from-python', 'comparison'],
  Project: ['architecture', 'decisions/index', 'dependencies', 'releasing', 'roadmap'],
  Contributing: pagesIn('contributing'),
};

const DECISIONS = pagesIn('decisions').filter((page) => page !== 'decisions/index');
const listed = Object.values(GROUPS).flat();
const pages = pagesIn('.').filter((page) => page !== 'index');
const unlisted = pages.filter((page) => !listed.includes(page));
if (unlisted.length > 0) throw new Error(`Give these pages a place in docs/.vitepress/config.mts: ${unlisted.join(', ')}`);

/** Pages of a folder in the order of their names, as the site knows them: without folder `.` and ending. */
function pagesIn(folder: string): string[] {
  return readdirSync(join(DOCS, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => posix.join(folder, name.slice(0, -'.md'.length)));
}

/** A page is called what its first heading says. */
function titleOf(page: string): string {
  return /^# (.+)$/m.exec(readFileSync(join(DOCS, `${page}.md`), 'utf8'))?.[1]?.replaceAll('`', '') ?? page;
}

function entry(page: string) {
  return { text: titleOf(page), link: `/${page}` };
}

const sidebar = Object.entries(GROUPS).map(([text, names]) => ({
  text,
  items: names.map(entry),
}));
const decisions = { text: 'Decisions', collapsed: true, items: DECISIONS.map(entry) };
const REFERENCE = ['options', 'decorators', 'engine', 'rest', 'cli', 'environment', 'metrics', 'errors', 'audit-actions'];

export default defineConfig({
  title: 'Waygate',
  description: 'Runtime control of API behaviour for NestJS',
  lang: 'en',
  cleanUrls: false,
  lastUpdated: false,
  // Everything comes from this site: it works without the network.
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Get started', link: '/getting-started' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Changelog', link: `${FILES}CHANGELOG.md` },
    ],
    sidebar: [...sidebar, decisions, { text: 'Reference', items: REFERENCE.map((name) => entry(`reference/${name}`)) }],
    outline: [2, 3],
  },
  markdown: {
    config(md) {
      // Files beside the docs are no pages of the site: they are shown by the repository.
      md.core.ruler.push('repository-links', ({ tokens, env }) => {
        const { relativePath } = env as { relativePath: string };
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.attrGet('href');
          if (href?.startsWith('../') !== true) continue;
          const path = posix.join('docs', posix.dirname(relativePath), href);
          if (!path.startsWith('docs/')) token.attrSet('href', FILES + path);
        }
      });
    },
  },
});
