// Writes docs/reference from the sources: options, decorators, the engine, environment variables, errors, audit actions, the REST API, the
// command line and metrics.
// `--check` writes nothing, and fails when a page is not what the sources say.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import * as prettier from 'prettier';
import ts from 'typescript';
import { buildAdmin, metricsPage, openApiDocument, restPage } from './reference-admin.mjs';
import { cliPage } from './reference-cli.mjs';
import {
  checker,
  declarationOf,
  docOf,
  examplesOf,
  exportsOf,
  homeOf,
  isCallable,
  isDecorator,
  oneLine,
  packages,
  parametersText,
  publicMembers,
  returnText,
  signatureOf,
  sourceFiles,
  throwsOf,
  typeText,
  variablesIn,
} from './sources.mjs';
import { ROOT } from './steps.mjs';

const FOLDER = join(ROOT, 'docs', 'reference');
const NOTE = '<!-- Written by scripts/reference.mjs from the sources: npm run reference -->';

/** Variables whose meaning no type says. One that the code reads and this list lacks is an error. */
const VARIABLES = {
  WAYGATE_BACKEND: 'Where records live: `memory` (default), `file` or `redis`.',
  WAYGATE_FILE_PATH: 'The file of `WAYGATE_BACKEND=file`. Default `waygate-state.json`.',
  WAYGATE_REDIS_URL: 'The Redis of `WAYGATE_BACKEND=redis`. Default `redis://localhost:6379/0`.',
  WAYGATE_NAMESPACE:
    'What the keys of `WAYGATE_BACKEND=redis` begin with: apps that share it share their state. Default `waygate`.',
  WAYGATE_ENV: 'The environment that gates compare with. Default `dev`.',
  WAYGATE_BYPASS_LIFECYCLE: 'Set to anything: maintenance, switches and gates are not enforced. For tests.',
  WAYGATE_BYPASS_RATE_LIMITS: 'Set to anything: nobody is limited. For tests.',
  WAYGATE_SERVER_URL: 'Where the Waygate to control is mounted, its prefix included. Default `http://localhost:8000/waygate`.',
  WAYGATE_TOKEN: 'A token, in place of the one that `waygate login` keeps.',
  WAYGATE_SERVICE: 'The service that commands are about.',
  WAYGATE_CONFIG: 'The file with settings of the server.',
  WAYGATE_CA: 'A file with PEM certificates that are trusted beside the built-in ones.',
};

/** Names of types that people write values of. */
const OPTIONS = /^(?!OpenFeature).*(Options|Input|Declaration|Change|Identity|Limits|Grouping|Bypass|AdminUser)$/;

/** What every error has. */
const BUILT_IN_FIELDS = new Set([
  'name',
  'message',
  'stack',
  'cause',
  'getStatus',
  'getResponse',
  'initMessage',
  'initName',
  'initCause',
  'errorCode',
  'initErrorCode',
]);

buildAdmin();
const pages = {
  'index.md': indexPage(),
  'options.md': optionsPage(),
  'decorators.md': decoratorsPage(),
  'engine.md': enginePage(),
  'environment.md': environmentPage(),
  'errors.md': errorsPage(),
  'audit-actions.md': auditActionsPage(),
  'rest.md': restPage(await openApiDocument()),
  'cli.md': await cliPage(),
  'metrics.md': await metricsPage(),
};

const check = process.argv.includes('--check');
const stale = [];
mkdirSync(FOLDER, { recursive: true });
const config = await prettier.resolveConfig(join(FOLDER, 'index.md'));
for (const [name, text] of Object.entries(pages)) {
  const path = join(FOLDER, name);
  const [, frontmatter = '', rest] = /^(---\n[^]*?\n---\n)?([^]*)$/.exec(text);
  const written = await prettier.format(`${frontmatter}${NOTE}\n\n${rest}\n`, { ...config, parser: 'markdown' });
  if (existsSync(path) && readFileSync(path, 'utf8') === written) continue;
  stale.push(name);
  if (!check) writeFileSync(path, written);
}
if (check && stale.length > 0) {
  console.error(`Not what the sources say: ${stale.join(', ')}. Run: npm run reference`);
  process.exit(1);
}
console.log(stale.length === 0 ? 'The reference is up to date.' : `Wrote ${stale.join(', ')}.`);

function indexPage() {
  return `# Reference

Made from the sources, so that it says what the code does.

- [Options](options.md) of every module, backend and store
- [Decorators](decorators.md)
- [The engine](engine.md): what \`WaygateEngine\` can do, and its events
- [REST API](rest.md) of the admin: every endpoint, what it takes and what it answers
- [Commands](cli.md) of the command line
- [Environment variables](environment.md)
- [Metrics](metrics.md) for Prometheus
- [Errors](errors.md)
- [Audit actions](audit-actions.md), which are the names of webhook events too`;
}

function optionsPage() {
  const sections = packages.flatMap(({ name, entries }) => {
    const found = exportsOf(entries)
      .filter(([exported, symbol]) => OPTIONS.test(exported) && declarationOf(symbol, ts.isInterfaceDeclaration))
      .filter(([, symbol]) => homeOf(symbol) === name)
      .toSorted(([one], [other]) => one.localeCompare(other));
    if (found.length === 0) return [];
    return [`## ${name}`, ...found.map(([exported, symbol]) => interfaceSection(exported, symbol))];
  });
  return [
    '# Options',
    'What is given to modules, backends, stores and the engine, field by field. A `?` marks what may be left out.',
    ...sections,
  ].join('\n\n');
}

function interfaceSection(name, symbol) {
  const properties = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  return [`### ${name}`, docOf(symbol), memberTable(properties, ['option', 'type', 'meaning'])].filter(Boolean).join('\n\n');
}

function decoratorsPage() {
  const nestjs = packages.find(({ folder }) => folder === 'nestjs');
  const decorators = exportsOf(nestjs.entries)
    .filter(([name, symbol]) => /^[A-Z]/.test(name) && isDecorator(symbol))
    .toSorted(([one], [other]) => one.localeCompare(other));
  const sections = decorators.map(([name, symbol]) => {
    const declaration = declarationOf(symbol, isCallable);
    const { parameters } = signatureOf(declaration);
    const inputs = parameters.map((parameter) => optionTable(parameter)).filter(Boolean);
    return [`## @${name}`, code(`@${name}(${parametersText(parameters)})`), docOf(symbol), ...examplesOf(symbol), ...inputs]
      .filter(Boolean)
      .join('\n\n');
  });
  return ['# Decorators', 'All from `@waygate/nestjs`. On a method or a controller; what a method says wins.', ...sections].join(
    '\n\n',
  );
}

/** The fields of a parameter that is an object with documented fields of our own. */
function optionTable(parameter) {
  const symbol = checker.getTypeAtLocation(parameter).getNonNullableType().getSymbol();
  if (symbol === undefined || declarationOf(symbol, ts.isInterfaceDeclaration) === undefined || homeOf(symbol) === null)
    return '';
  const properties = checker.getPropertiesOfType(checker.getTypeAtLocation(parameter).getNonNullableType());
  return `\`${symbol.name}\`:\n\n${memberTable(properties, ['option', 'type', 'meaning'])}`;
}

function enginePage() {
  const core = packages.find(({ folder }) => folder === 'core');
  const exported = new Map(exportsOf(core.entries));
  const engine = exported.get('WaygateEngine');
  const members = publicMembers(checker.getDeclaredTypeOfSymbol(engine));
  const parts = members.filter((member) => partSymbol(member) !== undefined);
  const own = members.filter((member) => partSymbol(member) === undefined);
  const sections = parts.flatMap((member) => {
    const part = publicMembers(checker.getTypeOfSymbol(member));
    return [`## engine.${member.name}`, docOf(member), methodTable(part)];
  });
  const events = publicMembers(checker.getDeclaredTypeOfSymbol(exported.get('WaygateEvents')));
  return [
    '# The engine',
    'The injectable `WaygateEngine`. What throws says so; [errors](errors.md) says what they mean.',
    '## engine',
    docOf(engine),
    methodTable(own),
    ...sections,
    '## Events',
    '`engine.events.on(name, listener)` gives back what ends it.',
    memberTable(events, ['event', 'carries', 'when']),
  ].join('\n\n');
}

/** The class or interface of ours that a property of the engine gives access to. */
function partSymbol(member) {
  if (!(member.flags & ts.SymbolFlags.Property)) return undefined;
  const symbol = checker.getTypeOfSymbol(member).getSymbol();
  if (symbol === undefined || homeOf(symbol) !== '@waygate/core' || member.name === 'events') return undefined;
  return declarationOf(symbol, (node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) ? symbol : undefined;
}

function environmentPage() {
  const read = new Map();
  for (const source of sourceFiles()) {
    const where = packageName(relative(ROOT, source.fileName).split(sep).slice(0, 2).join('/'));
    for (const [name, about] of variablesIn(source)) {
      const places = read.get(name) ?? new Map();
      read.set(name, places.set(where, about || places.get(where) || VARIABLES[name]));
    }
  }
  const rows = [...read]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .flatMap(([name, places]) => {
      const meanings = new Map();
      for (const [place, about] of places) {
        if (about === undefined) throw new Error(`Say in scripts/reference.mjs what ${name} means.`);
        meanings.set(about, [...(meanings.get(about) ?? []), `\`${place}\``]);
      }
      return [...meanings].map(([about, names]) => `| \`${name}\` | ${cell(about)} | ${names.join(', ')} |`);
    });
  return [
    '# Environment variables',
    'Options given in code come first, then these, then the nearest `.waygate` file upward (`KEY=value` lines), then defaults. Empty counts as unset.',
    ['| variable | meaning | read by |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

function errorsPage() {
  const sections = packages.flatMap(({ name, entries }) => {
    const errors = exportsOf(entries)
      .filter(([exported, symbol]) => /(Error|Exception)$/.test(exported) && homeOf(symbol) === name)
      .filter(([, symbol]) => declarationOf(symbol, ts.isClassDeclaration))
      .toSorted(([one], [other]) => one.localeCompare(other));
    if (errors.length === 0) return [];
    const rows = errors.map(([exported, symbol]) => {
      const members = publicMembers(checker.getDeclaredTypeOfSymbol(symbol)).filter(({ name }) => !BUILT_IN_FIELDS.has(name));
      const kind = members.find(({ name }) => name === 'code');
      const fields = members.filter(({ name }) => name !== 'code').map(({ name }) => `\`${name}\``);
      const stable = kind === undefined ? '' : codeOf(kind);
      return `| \`${exported}\` | ${stable} | ${fields.join(', ')} | ${cell(docOf(symbol))} |`;
    });
    return [`## ${name}`, ['| class | `code` | fields | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')];
  });
  return [
    '# Errors',
    'One class a cause. `code` is stable and safe to match on; the message says what to do next.',
    ...sections,
  ].join('\n\n');
}

function codeOf(member) {
  const type = checker.getTypeOfSymbol(member);
  return type.isStringLiteral() ? `\`${type.value}\`` : '';
}

function auditActionsPage() {
  const core = packages.find(({ folder }) => folder === 'core');
  const type = checker.getDeclaredTypeOfSymbol(new Map(exportsOf(core.entries)).get('AuditAction'));
  const actions = type.types.map(({ value }) => value);
  const groups = new Map();
  for (const action of actions) groups.set(groupOf(action), [...(groups.get(groupOf(action)) ?? []), action]);
  const rows = [...groups].map(([group, names]) => `| ${group} | ${names.map((name) => `\`${name}\``).join(', ')} |`);
  return [
    '# Audit actions',
    'What an audit entry says was done, and the name of the webhook event for it.',
    ['| about | actions |', '| --- | --- |', ...rows].join('\n'),
    'For webhooks there is `maintenance_off` as well, for whatever takes a route out of maintenance, and `test`.',
  ].join('\n\n');
}

function groupOf(action) {
  if (/^global_(maintenance|schedule)/.test(action)) return 'maintenance of everything';
  if (action.startsWith('service_')) return 'maintenance of a service';
  if (action.startsWith('global_rl')) return 'the limit over everything';
  if (action.startsWith('svc_rl')) return 'the limit of a service';
  if (action.startsWith('rl_')) return 'limits of routes';
  const [, kind] = /^(flag|segment|webhook|token)_/.exec(action) ?? [];
  if (kind !== undefined) return `${kind}s`;
  if (action.startsWith('state_')) return 'the store';
  return /^(window|override)_/.test(action) ? 'edges, recorded by the scheduler' : action === 'revert' ? 'revisions' : 'routes';
}

function methodTable(members) {
  const rows = members.map((member) => {
    const overloads = (member.declarations ?? []).filter((node) => ts.isMethodDeclaration(node) || ts.isMethodSignature(node));
    const signatures = overloads.filter((node) => overloads.length === 1 || node.body === undefined);
    const shown =
      signatures.length === 0
        ? `\`${member.name}: ${typeText(member)}\``
        : signatures.map((node) => `\`${member.name}(${parametersText(node.parameters)})${returnText(node)}\``).join('<br>');
    return `| ${escapePipes(shown)} | ${cell([docOf(member), throwsOf(member)].filter(Boolean).join(' '))} |`;
  });
  return ['| member | meaning |', '| --- | --- |', ...rows].join('\n');
}

function memberTable(members, [name, type, meaning]) {
  const rows = members.map((member) => {
    const mark = member.flags & ts.SymbolFlags.Optional ? '?' : '';
    return `| \`${member.name}${mark}\` | ${escapePipes(`\`${typeText(member)}\``)} | ${cell(docOf(member))} |`;
  });
  return [`| ${name} | ${type} | ${meaning} |`, '| --- | --- | --- |', ...rows].join('\n');
}

function cell(text) {
  return escapePipes(oneLine(text));
}

function escapePipes(text) {
  return text.replaceAll('|', '\\|');
}

function code(text) {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

function packageName(folder) {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')).name;
}
