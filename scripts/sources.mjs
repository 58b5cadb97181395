// What the sources of the packages say: exports, types and doc comments, read with the TypeScript compiler.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './steps.mjs';

export const packages = readdirSync(join(ROOT, 'libs')).map((folder) => ({
  folder,
  name: `@waygate/${folder}`,
  entries: [join(ROOT, 'libs', folder, 'src', 'index.ts'), ...subEntries(folder)],
}));
export const program = ts.createProgram(
  packages.flatMap(({ entries }) => entries),
  {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    noEmit: true,
    paths: { '@waygate/*': ['./libs/*/src/index.ts'] },
    pathsBasePath: ROOT,
  },
);
export const checker = program.getTypeChecker();

function subEntries(folder) {
  const source = join(ROOT, 'libs', folder, 'src');
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'libs', folder, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((key) => key !== '.' && !key.endsWith('.json'))
    .map((key) => join(source, key.slice(2), 'index.ts'));
}

/** What the entry points of a package export, by name; aliases followed. */
export function exportsOf(entries) {
  const all = new Map();
  for (const entry of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
    for (const symbol of checker.getExportsOfModule(module)) {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      all.set(symbol.name, target);
    }
  }
  return [...all];
}

/** The package a symbol is declared in; `null` = not one of ours. */
export function homeOf(symbol) {
  const [, folder] = /[\\/]libs[\\/]([a-z]+)[\\/]src[\\/]/.exec(symbol.declarations?.[0]?.getSourceFile().fileName ?? '') ?? [];
  return folder === undefined ? null : `@waygate/${folder}`;
}

export function declarationOf(symbol, isKind) {
  return symbol.declarations?.find((declaration) => isKind(declaration));
}

export function isCallable(node) {
  return (
    ts.isFunctionDeclaration(node) ||
    (ts.isVariableDeclaration(node) && node.initializer !== undefined && isFunction(node.initializer))
  );
}

function isFunction(node) {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

export function signatureOf(declaration) {
  return ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
}

export function isDecorator(symbol) {
  const declaration = declarationOf(symbol, isCallable);
  if (declaration === undefined) return false;
  const returned = checker.typeToString(
    checker.getReturnTypeOfSignature(checker.getSignatureFromDeclaration(signatureOf(declaration))),
  );
  return /\b(Class|Method|Parameter|Property)Decorator\b/.test(returned);
}

export function publicMembers(type) {
  return checker.getPropertiesOfType(type).filter(({ name, declarations = [] }) => {
    if (name.startsWith('#') || name.startsWith('__')) return false;
    return declarations.every((declaration) => {
      const flags = ts.getCombinedModifierFlags(declaration);
      return !(flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected));
    });
  });
}

export function docOf(symbol) {
  return plain(ts.displayPartsToString(symbol.getDocumentationComment(checker)));
}

export function throwsOf(symbol) {
  const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'throws');
  const texts = tags.map(({ text }) =>
    plain(ts.displayPartsToString(text)).replace(/^\{([^}]*)\}/, (_all, types) => `\`${types}\``),
  );
  return texts.length === 0 ? '' : `Throws ${texts.join('; ')}.`.replace('..', '.');
}

/** Code blocks of the examples, fences included. */
export function examplesOf(symbol) {
  return rawExamplesOf(symbol).map(({ code }) => `\`\`\`ts\n${code}\`\`\``);
}

/**
 * Examples as they are written: what the fence says, and the code. From the text of the comment, because the parser takes a decorator at
 * the beginning of a line for a tag.
 */
export function rawExamplesOf(symbol) {
  return (symbol.declarations ?? []).flatMap((declaration) => {
    const comments = ts.getJSDocCommentsAndTags(ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration);
    return comments.filter(ts.isJSDoc).flatMap((comment) => {
      const text = comment.getFullText().replaceAll(/^[ \t]*\*(\/| ?)/gm, '');
      return [...text.matchAll(/@example\s+```([^\n]*)\n([^]*?)```/g)].map(([, info, code]) => ({ info, code }));
    });
  });
}

/** The type as it stands in the source, else as the compiler calls it. */
export function typeText(member) {
  const [declaration] = member.declarations ?? [];
  if (declaration?.type !== undefined) return oneLine(declaration.type.getText());
  const type = checker.getTypeOfSymbol(member);
  return oneLine(checker.typeToString(type, declaration, ts.TypeFormatFlags.NoTruncation));
}

export function returnText(node) {
  return node.type === undefined ? '' : `: ${oneLine(node.type.getText())}`;
}

export function parametersText(parameters) {
  return parameters
    .map((parameter) => {
      const { name, type, initializer, questionToken, dotDotDotToken } = parameter;
      const mark = initializer !== undefined || questionToken !== undefined ? '?' : '';
      const written = ts.isIdentifier(name) ? name.text : 'options';
      return `${dotDotDotToken === undefined ? '' : '...'}${written}${mark}${type === undefined ? '' : `: ${oneLine(type.getText())}`}`;
    })
    .join(', ');
}

/** Links of doc comments become code. */
function plain(text) {
  return text.replaceAll(/\{@link\s+([^}|\s]+)[^}]*\}/g, '`$1`').trim();
}

export function oneLine(text) {
  return text
    .replaceAll(/\/\*\*[^]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('< ', '<')
    .replaceAll(/,? ([>)])/g, '$1')
    .trim();
}

/** Sources of packages and of published programs, without tests. */
export function sourceFiles() {
  const files = ['libs', 'apps'].flatMap((group) =>
    readdirSync(join(ROOT, group))
      .filter((name) => JSON.parse(readFileSync(join(ROOT, group, name, 'package.json'), 'utf8')).private !== true)
      .map((name) => join(ROOT, group, name, 'src')),
  );
  return files
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .map((path) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true));
}

/**
 * Names that are read, with what the code says about them; empty = nothing. Text in `x.get('WAYGATE_…')`, `x['WAYGATE_…']` and in tables with
 * `variable` and `help`, and names in `x.WAYGATE_…`. Doc comments do not count.
 */
export function variablesIn(source) {
  const names = new Map();
  const note = (name, about) => names.set(name, about || names.get(name) || '');
  const visit = (node) => {
    if (ts.isStringLiteral(node) && /^WAYGATE_[A-Z_]+$/.test(node.text) && !isSymbolName(node)) note(node.text, helpOf(node));
    if (ts.isPropertyAccessExpression(node) && /^WAYGATE_[A-Z_]+$/.test(node.name.text)) note(node.name.text, '');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** The text `help` beside `variable: 'WAYGATE_…'`. */
function helpOf(node) {
  const { parent } = node;
  if (!ts.isPropertyAssignment(parent) || parent.name.getText() !== 'variable') return '';
  const help = parent.parent.properties.find((property) => property.name?.getText() === 'help');
  return help !== undefined && ts.isStringLiteralLike(help.initializer) ? help.initializer.text : '';
}

/** `Symbol('WAYGATE_OPTIONS')` names an injection token. */
function isSymbolName(node) {
  return ts.isCallExpression(node.parent) && node.parent.expression.getText() === 'Symbol';
}
