import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = process.cwd();
const FOLDER = join(ROOT, 'test', 'artifacts', 'docs');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  'CHANGELOG.md',
  ...globPages('docs'),
  ...globPages('docs/decisions'),
  ...globPages('docs/contributing'),
  ...globPages('libs/core'),
  ...globPages('libs/nestjs'),
  ...globPages('libs/redis'),
  ...globPages('libs/admin'),
  ...globPages('libs/client'),
  ...globPages('apps/server'),
  ...globPages('apps/cli'),
  ...globPages('examples'),
  ...readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => globPages(`examples/${name}`)),
];

function globPages(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

/** Pages with those that are made from the sources. */
const LINKED_PAGES = [...PAGES, ...globPages('docs/reference')];

function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replaceAll(/```[^]*?```/g, '');
}

/** The names by which a page's headings are led to where the repository is read. */
function headingsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Code blocks of a page, as they stand there. */
function blocksOf(page: string): string[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? '');
}

beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('the docs', () => {
  it('have code that compiles as it stands there', () => {
    const files = PAGES.flatMap((page) =>
      blocksOf(page).map((code, index) => {
        const path = join(FOLDER, `${page.replace(/\W+/g, '-')}-${index}.mts`);
        writeFileSync(path, `${code}\nexport {};\n`);
        return path;
      }),
    );
    expect(files.length).toBeGreaterThan(8);
    const options: ts.CompilerOptions = {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    };
    const program = ts.createProgram(files, options);
    const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const line = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
      return `${relative(FOLDER, file?.fileName ?? '')}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
    expect(problems).toEqual([]);
  }, 180_000);

  it('have no dead link to another page or picture', () => {
    const dead = LINKED_PAGES.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target ?? '')
        .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(dead).toEqual([]);
  });

  it('lead to headings that are there, where they are read in the repository', () => {
    const dead = LINKED_PAGES.flatMap((page) =>
      [...proseOf(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)]
        .map(([, path = '', heading = '']) => ({ target: path === '' ? page : join(dirname(page), path), heading }))
        .filter(({ target, heading }) => target.endsWith('.md') && !headingsOf(target).includes(heading))
        .map(({ target, heading }) => `${page}: ${target}#${heading}`),
    );
    expect(dead).toEqual([]);
  });

  it('open with a quickstart that runs', async () => {
    const [quickstart = ''] = blocksOf('README.md');
    const path = join(FOLDER, 'quickstart.ts');
    const observed = quickstart
      .replace('app.listen(3000)', "app.listen(0, '127.0.0.1')")
      .replace('NestFactory.create(AppModule)', 'NestFactory.create(AppModule, { logger: false })');
    expect(observed).not.toBe(quickstart);
    writeFileSync(path, `${observed}\nexport { app };\n`);
    const { app } = (await import(path)) as { app: { getUrl(): Promise<string>; close(): Promise<void> } };
    const url = await app.getUrl();
    const answers = await Promise.all(
      ['/payments', '/orders'].map(async (route) => (await fetch(url + route)).json() as Promise<{ error: object }>),
    );
    expect(answers).toMatchObject([
      { error: { code: 'MAINTENANCE_MODE', reason: 'The ledger is being moved' } },
      { error: { code: 'ROUTE_DISABLED', reason: 'hotfix' } },
    ]);
    expect((await fetch(`${url}/waygate/login`)).status).toBe(200);
    const credentials =
      /auth: (\{.*?\})/
        .exec(quickstart)?.[1]
        ?.replaceAll(/(\w+):/g, '"$1":')
        .replaceAll("'", '"') ?? '';
    expect((await fetch(`${url}/waygate/api/auth/login`, { method: 'POST', body: credentials })).status).toBe(200);
    await app.close();
  });
});
