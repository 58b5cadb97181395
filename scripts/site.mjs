// Builds the documentation as a site into docs/.vitepress/dist, from what is in the repository, and follows every link in it.
// Writes test/artifacts/site.json and fails when a link leads nowhere.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun, ROOT } from './steps.mjs';

const DOCS = join(ROOT, 'docs');
const SITE = join(DOCS, '.vitepress', 'dist');

if (!isInstalled()) mustRun('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: DOCS });
const vitepress = join(DOCS, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
if (process.argv.includes('--dev')) mustRun(process.execPath, [vitepress, 'dev', DOCS]);
else {
  mustRun(process.execPath, [vitepress, 'build', DOCS], { stdio: ['ignore', 'ignore', 'inherit'] });
  report(deadLinks());
}

function isInstalled() {
  const lock = join(DOCS, 'package-lock.json');
  const installed = join(DOCS, 'node_modules', '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
}

/** Where the site shows files of the repository; docs/.vitepress/config.mts links them the same way. */
function repositoryFiles() {
  const { homepage } = JSON.parse(readFileSync(join(ROOT, 'libs', 'core', 'package.json'), 'utf8'));
  return `${homepage.replace('#readme', '')}/blob/main/`;
}

/** Every link, picture and script of every page that the site or the repository does not have, places within pages included. */
function deadLinks() {
  const pages = readdirSync(SITE, { recursive: true }).filter((path) => path.endsWith('.html'));
  const files = repositoryFiles();
  const ids = new Map(pages.map((page) => [page, new Set(attributes(page, 'id'))]));
  const checks = pages.map((page) => {
    const links = [...attributes(page, 'href'), ...attributes(page, 'src')].filter(
      (link) => link.startsWith(files) || !/^(https?:|mailto:|data:)/.test(link),
    );
    return { page, dead: [...new Set(links)].filter((link) => !leadsSomewhere(page, link, ids, files)), count: links.length };
  });
  return checks;
}

function leadsSomewhere(page, link, ids, files) {
  if (link.startsWith(files)) return existsSync(join(ROOT, new URL(link).pathname.slice(new URL(files).pathname.length)));
  const { pathname, hash } = new URL(link, `http://site/${page}`);
  const path = decodeURIComponent(pathname).slice(1);
  const file = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  if (!file.endsWith('.html')) return existsSync(join(SITE, file));
  const known = ids.get(file);
  return known !== undefined && (hash === '' || known.has(decodeURIComponent(hash.slice(1))));
}

function attributes(page, name) {
  const html = readFileSync(join(SITE, page), 'utf8');
  return [...html.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value]) => value.replaceAll('&amp;', '&'));
}

function report(pages) {
  for (const { page, dead } of pages) for (const link of dead) console.error(`  ✗ ${page}: ${link} leads nowhere`);
  const failed = pages.filter(({ dead }) => dead.length > 0).length;
  const path = join(ROOT, 'test', 'artifacts', 'site.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ numPassedTests: pages.length - failed, numFailedTests: failed }, null, 2));
  const links = pages.reduce((sum, { count }) => sum + count, 0);
  console.log(`${pages.length} pages, ${links} links: ${pages.length - failed} passed, ${failed} failed`);
  process.exit(failed === 0 && pages.length > 0 ? 0 : 1);
}
