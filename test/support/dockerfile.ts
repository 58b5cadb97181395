import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { promisify } from 'node:util';

/** What a Dockerfile says to start, and how to ask it whether it is well. */
export interface BuiltImage {
  /** The root of the last stage's file system. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Stage {
  readonly root: string;
  readonly env: Record<string, string>;
  workdir: string;
}

const LIMIT_MS = 280_000;

/** Instructions with their arguments; continued lines are one. */
function instructionsOf(path: string): readonly (readonly [name: string, rest: string])[] {
  const text = readFileSync(path, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (name === '') throw new Error(`No instruction: ${line}`);
      return [name, rest] as const;
    });
}

/**
 * Does what a Dockerfile says without a container engine: each stage is a folder, its commands run on this machine's Node. Users and owners are
 * left out, as only the superuser could set them.
 * @param ignored names of files and folders that never reach the build, as `.dockerignore` says; `*.x` = all that end so
 */
export async function buildImage(
  dockerfile: string,
  context: string,
  folder: string,
  ignored: readonly string[],
): Promise<BuiltImage> {
  const stages = new Map<string, Stage>();
  let stage: Stage = { root: folder, env: {}, workdir: '/' };
  let [entrypoint, healthCheck]: [string[], string[]] = [[], []];
  const inside = (path: string) => join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path));
  for (const [name, rest] of instructionsOf(dockerfile)) {
    switch (name) {
      case 'FROM': {
        const [, as = `stage-${stages.size}`] = / AS (\S+)$/.exec(rest) ?? [];
        stage = { root: join(folder, as), env: {}, workdir: '/' };
        mkdirSync(stage.root);
        stages.set(as, stage);
        break;
      }
      case 'WORKDIR':
        stage.workdir = rest;
        mkdirSync(inside(rest), { recursive: true });
        break;
      case 'ENV': {
        const [key = '', value = ''] = rest.split('=');
        stage.env[key] = value;
        break;
      }
      case 'COPY': {
        const [, from] = /--from=(\S+)/.exec(rest) ?? [];
        const paths = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
        const to = paths.pop() ?? '';
        for (const path of paths)
          copy(
            join(from === undefined ? context : (stages.get(from)?.root ?? ''), path),
            inside(to),
            to,
            from === undefined ? ignored : [],
          );
        break;
      }
      case 'RUN': {
        const command = rest.replaceAll(/chown \S+ \S+/g, 'true').replaceAll(' /data', ` ${inside('/data')}`);
        const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], npm_config_prefer_offline: 'true', ...stage.env };
        await promisify(execFile)('sh', ['-c', command], { cwd: inside('.'), env, timeout: LIMIT_MS, maxBuffer: 1e8 });
        break;
      }
      case 'ENTRYPOINT':
        entrypoint = JSON.parse(rest) as string[];
        break;
      case 'HEALTHCHECK':
        healthCheck = JSON.parse(rest.slice(rest.indexOf('CMD') + 3)) as string[];
        break;
      case 'USER':
      case 'VOLUME':
      case 'EXPOSE':
      case 'STOPSIGNAL':
        break;
      default:
        throw new Error(`No rule for ${name}`);
    }
  }
  return { root: stage.root, workdir: inside('.'), env: stage.env, entrypoint, healthCheck };
}

/** A file goes into a folder whose name ends with a slash, a folder's content into the one that is named. */
function copy(source: string, target: string, named: string, ignored: readonly string[]): void {
  const filter = (path: string) =>
    !path
      .slice(source.length)
      .split(sep)
      .some((part) => ignored.some((name) => (name.startsWith('*') ? part.endsWith(name.slice(1)) : part === name)));
  const isFolder = statSync(source).isDirectory();
  cpSync(source, !isFolder && named.endsWith('/') ? join(target, basename(source)) : target, {
    recursive: true,
    verbatimSymlinks: true,
    filter,
  });
}
