// Fails when files, folders, or packages import each other in a circle, and prints the whole loop. Counts every import: static, type-only,
// re-exported, and dynamic. Part of `npm run lint`; takes the root of the clone as an optional argument.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { ROOT } from './steps.mjs';

/** Packages from the bottom up. A package may import only packages of the layers below its own. Apps are the top layer. */
const LAYERS = [['libs/core'], ['libs/redis', 'libs/client'], ['libs/nestjs'], ['libs/admin']];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = layoutProblems(resolve(process.argv[2] ?? ROOT));
  for (const problem of problems) console.error(`${problem}\n`);
  if (problems.length === 0) console.log('No circles between files, folders, or packages.');
  else process.exitCode = 1;
}

/** @returns a description of each circle and of each import that points up in the clone at `root` */
export function layoutProblems(root) {
  const packages = ['libs', 'apps'].flatMap((group) => packagesIn(root, group));
  return packages.flatMap((own) => {
    const imports = sourcesOf(root, own).flatMap((file) => importsOf(root, file));
    return [...circles(own, imports), ...upward(own, packages, imports)];
  });
}

function packagesIn(root, group) {
  const folders = existsSync(join(root, group)) ? readdirSync(join(root, group)) : [];
  const names = folders.filter((name) => existsSync(join(root, group, name, 'src')));
  return names.map((name) => ({ path: `${group}/${name}`, name: `@waygate/${name}` }));
}

function sourcesOf(root, { path }) {
  const names = readdirSync(join(root, path, 'src'), { recursive: true }).map((name) => name.replaceAll('\\', '/'));
  return names.filter((name) => /\.[cm]?[jt]sx?$/.test(name)).map((name) => `${path}/src/${name}`);
}

/** What a file imports: `to` is a file for a relative import, else the module's name. */
function importsOf(root, from) {
  const found = [];
  const source = ts.createSourceFile(from, readFileSync(join(root, from), 'utf8'), ts.ScriptTarget.Latest, true);
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) && isSpecifier(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ from, line, to: targetOf(root, from, node.text) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * Takes the argument of any named function for a specifier, because `import()` is not the only one that loads files. What
 * `createRequire(…)(…)` loads does not count: it looks in the folder of the app, and it is the app that depends on it.
 */
function isSpecifier(node) {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isExternalModuleReference(parent)) return true;
  if (ts.isLiteralTypeNode(parent)) return ts.isImportTypeNode(parent.parent);
  return (
    ts.isCallExpression(parent) && (parent.expression.kind === ts.SyntaxKind.ImportKeyword || ts.isIdentifier(parent.expression))
  );
}

function targetOf(root, from, specifier) {
  if (!/^\.\.?\//.test(specifier)) return specifier;
  const path = posix.join(dirname(from), specifier);
  const candidates = ['.ts', '.tsx'].map((extension) => path.replace(/\.jsx?$/, extension));
  return candidates.find((candidate) => candidate !== path && existsSync(join(root, candidate))) ?? path;
}

function circles({ path }, imports) {
  const files = new Map();
  const folders = new Map();
  for (const found of imports) {
    const { from, to } = found;
    if (!to.startsWith(`${path}/src/`)) continue;
    addEdge(files, from, to, found);
    // Tests may use what is above the code they test.
    if (from.includes('.spec.')) continue;
    addEdge(folders, dirname(from), dirname(to), found);
    addEdge(folders, ...siblingsAround(dirname(from), dirname(to)), found);
  }
  return [
    ...loopsIn(files).map((loop) => describeLoop('Files', path, loop)),
    ...loopsIn(folders).map((loop) => describeLoop('Folders', path, loop)),
  ];
}

function addEdge(graph, from, to, found) {
  if (!graph.has(from)) graph.set(from, new Map());
  if (from !== to && !graph.get(from).has(to)) graph.get(from).set(to, found);
}

/** The outermost folders that two folders do not share: with everything in them they must not import each other either. */
function siblingsAround(from, to) {
  const [a, b] = [from.split('/'), to.split('/')];
  const depth = a.findIndex((name, index) => name !== b[index]) + 1;
  return depth === 0 || depth > b.length ? [from, from] : [a.slice(0, depth).join('/'), b.slice(0, depth).join('/')];
}

/** Loops that share no import, the shortest first: without their imports the graph has no loop. */
function loopsIn(graph) {
  const loops = [];
  for (;;) {
    const [shortest] = [...graph.keys()]
      .map((start) => pathBetween(graph, start, start))
      .filter((loop) => loop !== null)
      .toSorted((a, b) => a.length - b.length);
    if (shortest === undefined) return loops;
    loops.push(shortest);
    for (const { node, next } of shortest) graph.get(node).delete(next);
  }
}

/** The shortest path of at least one step; `null` = there is none. */
function pathBetween(graph, start, end) {
  const queue = [{ node: start, steps: [] }];
  const seen = new Set();
  for (const { node, steps } of queue) {
    for (const [next, found] of graph.get(node) ?? []) {
      const path = [...steps, { node, next, found }];
      if (next === end) return path;
      if (!seen.has(next)) queue.push({ node: next, steps: path });
      seen.add(next);
    }
  }
  return null;
}

function describeLoop(kind, path, loop) {
  const short = (name) => posix.relative(`${path}/src`, name) || 'src';
  const steps = loop.map(({ node, next, found }) => {
    const where = `${found.from}:${found.line} imports ${found.to}`;
    return `  ${short(node)} → ${short(next)}    ${where}`;
  });
  return [`${kind} of ${path} import each other in a circle:`, ...steps].join('\n');
}

function upward(own, packages, imports) {
  const layer = layerOf(own.path);
  if (layer === -1) return [`${own.path} has no layer. Add it to LAYERS in scripts/check-layout.mjs.`];
  return imports.flatMap(({ from, line, to }) => {
    const target = packages.find(({ path, name }) => `${to}/`.startsWith(`${name}/`) || to.startsWith(`${path}/`));
    if (target === undefined || target === own || layerOf(target.path) < layer) return [];
    return [`${own.path} imports ${target.path}, which is not in a layer below:\n  ${from}:${line} imports ${to}`];
  });
}

function layerOf(path) {
  return path.startsWith('apps/') ? LAYERS.length : LAYERS.findIndex((layer) => layer.includes(path));
}
