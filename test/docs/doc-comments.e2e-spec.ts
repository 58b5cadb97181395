import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as nestjs from '@waygate/nestjs';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExample, type ExampleContext } from './example-context.js';

/** Packages whose public classes, methods, functions and decorators must all have a doc comment with an example. */
const COVERED = ['@waygate/nestjs'];

interface Example {
  readonly package: string;
  /** What it is an example of, e.g. `WaygateModule.forRoot`. */
  readonly name: string;
  /** What the fence says: `ts`, or `ts no-run: REASON`. */
  readonly info: string;
  readonly uses: readonly (keyof ExampleContext)[];
  readonly module: string;
}

interface DocComments {
  readonly examples: readonly Example[];
  readonly gaps: readonly { readonly package: string; readonly name: string; readonly lacks: string }[];
  readonly errors: { readonly thrown: readonly string[]; readonly exported: readonly string[] };
}

const ROOT = process.cwd();
const FOLDER = join(ROOT, 'test', 'artifacts', 'doc-comments');
const { stdout, stderr } = spawnSync(process.execPath, ['scripts/doc-examples.mjs'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
if (stdout === '') throw new Error(stderr);
const { examples, gaps, errors } = JSON.parse(stdout) as DocComments;
const covered = examples.filter((example) => COVERED.includes(example.package));
const runnable = covered.filter(({ info }) => info === 'ts');

function fileOf(example: Example): string {
  return join(FOLDER, `${example.package.replace('@waygate/', '')}-${example.name.replaceAll(/\W+/g, '-')}.mts`);
}

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
  for (const example of covered) writeFileSync(fileOf(example), example.module);
});
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('doc comments', () => {
  it('exist, with an example, on every public class, method, function and decorator', () => {
    expect(examples.length).toBeGreaterThan(20);
    expect(gaps.filter((gap) => COVERED.includes(gap.package))).toEqual([]);
  });

  it('give a reason for every example that is only type-checked', () => {
    expect(covered.filter(({ info }) => !/^ts(?: no-run: \S.{5,})?$/.test(info))).toEqual([]);
  });

  it('have examples that compile against the packages', () => {
    const program = ts.createProgram(covered.map(fileOf), {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      isolatedModules: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      paths: { '@waygate/nestjs/*': ['./libs/nestjs/src/*/index.ts'], '@waygate/*': ['./libs/*/src/index.ts'] },
      pathsBasePath: ROOT,
    });
    const problems = covered.flatMap((example) =>
      ts.getPreEmitDiagnostics(program, program.getSourceFile(fileOf(example))).map(({ file, start = 0, messageText }) => {
        const line = file === undefined ? '' : file.text.split('\n')[file.getLineAndCharacterOfPosition(start).line]?.trim();
        return `${relative(FOLDER, fileOf(example))}: ${line} ← ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      }),
    );
    expect(problems).toEqual([]);
  }, 180_000);

  it.each(runnable.map((example) => [example.name, example] as const))(
    'have an example of %s that runs',
    async (_name, example) => {
      const { example: run } = (await import(fileOf(example))) as {
        example: (context: ExampleContext) => Promise<unknown[]>;
      };
      await expect(runExample(example.uses, run)).resolves.toBeUndefined();
    },
  );

  it('name no error of the engine that @waygate/nestjs does not export', () => {
    expect(errors.thrown).toContain('RouteNotFoundError');
    const needed = [...new Set([...errors.thrown, ...errors.exported])];
    expect(needed.filter((name) => !(name in nestjs))).toEqual([]);
  });
});
