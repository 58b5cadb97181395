import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly container: string;
  readonly strategy?: { readonly matrix: { readonly node: readonly number[]; readonly nest?: readonly number[] } };
  readonly steps: readonly { readonly run?: string }[];
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id: string;
    readonly attributes: { readonly label: string; readonly options?: readonly unknown[] };
  }[];
}

interface Dependabot {
  readonly version: number;
  readonly updates: readonly { readonly directory?: string; readonly directories?: readonly string[] }[];
}

const { jobs } = parse(readFileSync('.github/workflows/ci.yml', 'utf8')) as Workflow;
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
};
const FORMS = readdirSync('.github/ISSUE_TEMPLATE').filter((name) => name !== 'config.yml');

function commandsOf(job: Job | undefined): string[] {
  return (job?.steps ?? []).map(({ run }) => run).filter((command) => command !== undefined);
}

/** `npm run NAME` of a shell script, without options of npm, and `test` for `npm test`. */
function scriptsIn(text: string): string[] {
  return [...text.matchAll(/\bnpm (?:run (?:--silent )?([\w:]+)|(test)\b)/g)].map(([, script, test]) => script ?? test ?? '');
}

describe('the CI workflow', () => {
  it('runs scripts that exist', () => {
    const scripts = Object.values(jobs).flatMap((job) => scriptsIn(commandsOf(job).join('\n')));
    expect(scripts.filter((name) => manifest.scripts[name] === undefined)).toEqual([]);
    expect(scripts).not.toEqual([]);
  });

  it('runs the scripts that .ci/run runs', () => {
    const inWorkflow = Object.values(jobs).flatMap((job) => scriptsIn(commandsOf(job).join('\n')));
    expect(new Set(inWorkflow)).toEqual(new Set(scriptsIn(readFileSync('.ci/run', 'utf8'))));
  });

  it('runs every suite of npm test', () => {
    const suites = [...readFileSync('scripts/test.mjs', 'utf8').matchAll(/\{ name: '(\w+)', command/g)].map(
      ([, name = '']) => name,
    );
    const run = Object.values(jobs).flatMap((job) => commandsOf(job).map((line) => /^npm test -- (\w+)/.exec(line)?.[1]));
    expect(new Set(run.filter((name) => name !== undefined))).toEqual(new Set(suites));
  });

  it('covers every Node version that the packages support, and both Nest versions', () => {
    const supported = [...manifest.engines.node.matchAll(/(\d+)\.\d+\.\d+/g)].map(([, major]) => Number(major));
    expect(jobs['tests']?.strategy?.matrix.node).toEqual(supported);
    expect(jobs['packages']?.strategy?.matrix).toEqual({ node: supported, nest: peerMajors('@nestjs/core') });
  });
});

function peerMajors(peer: string): number[] {
  const { peerDependencies } = JSON.parse(readFileSync('libs/nestjs/package.json', 'utf8')) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  return [...(peerDependencies[peer] ?? '').matchAll(/\^(\d+)/g)].map(([, major]) => Number(major));
}

describe('the issue forms', () => {
  it.each(FORMS)('%s has what GitHub needs to show it', (file) => {
    const { name, description, body } = parse(readFileSync(`.github/ISSUE_TEMPLATE/${file}`, 'utf8')) as Form;
    expect({ name, description }).toEqual({ name: expect.any(String) as string, description: expect.any(String) as string });
    const ids = body.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, id, attributes } of body) {
      expect(['textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(id).toMatch(/^[\w-]+$/);
      expect(attributes.label).toEqual(expect.any(String));
      expect(Array.isArray(attributes.options)).toBe(type === 'dropdown' || type === 'checkboxes');
    }
  });
});

describe('dependency updates', () => {
  const { version, updates } = parse(readFileSync('.github/dependabot.yml', 'utf8')) as Dependabot;

  it('watch folders that exist', () => {
    expect(version).toBe(2);
    const folders = updates.flatMap(({ directory, directories }) => [directory, ...(directories ?? [])]);
    expect(folders.filter((folder) => folder !== undefined && !existsSync(`.${folder}`))).toEqual([]);
  });
});

describe.each(['docs/contributing', 'docs/decisions'])('the pages in %s', (folder) => {
  const pages = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));

  it('name files that exist', () => {
    const missing = pages.flatMap(({ name, text }) =>
      [...text.matchAll(/`((?:libs|apps|test|bench|docs|scripts|examples)\/[^`\s]*)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !/[A-Z]{4}/.test(path) && !existsSync(path))
        .map((path) => `${name}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it('are all linked from the index', () => {
    const index = pages.find(({ name }) => name === 'index.md')?.text ?? '';
    expect(pages.map(({ name }) => name).filter((name) => name !== 'index.md' && !index.includes(`(${name})`))).toEqual([]);
  });
});
