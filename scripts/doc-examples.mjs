// Prints, as JSON, what the doc comments of the packages' public declarations show and lack, for test/docs/doc-comments.e2e-spec.ts:
// `examples`: every `@example` as a module that can be type-checked and run; `gaps`: what has no doc comment or no example; `errors`: the
// error classes that the engine documents.
import { join, sep } from 'node:path';
import ts from 'typescript';
import {
  checker,
  declarationOf,
  docOf,
  exportsOf,
  homeOf,
  isCallable,
  packages,
  program,
  publicMembers,
  rawExamplesOf,
} from './sources.mjs';
import { ROOT } from './steps.mjs';

/** Values that an example may use without making them; test/docs/example-context.ts makes them. */
const CONTEXT = ['app', 'engine', 'url'];

/** Packages whose names an example may use without importing them, beside the package that it documents. */
const COMMON_MODULES = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@nestjs/throttler',
  '@openfeature/server-sdk',
];

const names = new Map(COMMON_MODULES.flatMap((name) => [...namesOf(moduleFile(name), name)]).toReversed());
const mainNames = new Map(packages.map(({ name, entries: [main] }) => [name, namesOf(program.getSourceFile(main), name)]));
const documented = packages.flatMap(({ name, entries }) => entries.flatMap((entry) => documentedIn(name, entry)));
const unique = [...new Map(documented.map((each) => [`${each.package} ${each.name}`, each])).values()];
const engine = documented.find(({ name }) => name === 'WaygateEngine');

process.stdout.write(
  JSON.stringify({
    examples: unique.flatMap((each) => rawExamplesOf(each.symbol).map((block, index) => exampleOf(each, block, index))),
    gaps: unique.flatMap((each) => [...(each.needsDoc ? gapsOf(each) : []), ...hiddenTypesOf(each)]),
    errors: { thrown: thrownBy(engine.symbol), exported: exportedErrors() },
  }),
);

/** What users meet in the doc comments of an entry point: exports, and the public methods of their classes. */
function documentedIn(name, entry) {
  const own = namesOf(program.getSourceFile(entry), moduleName(name, entry));
  const available = new Map([...mainNames.get(name), ...own]);
  const seen = new Set();
  const found = [];
  const add = (symbol, path) => {
    if (seen.has(symbol) || homeOf(symbol) !== name) return;
    seen.add(symbol);
    const isClass = declarationOf(symbol, ts.isClassDeclaration) !== undefined;
    const runs = isClass || declarationOf(symbol, isCallable) !== undefined;
    const needsDoc = runs || declarationOf(symbol, isTypeDeclaration) !== undefined;
    found.push({ package: name, name: path, symbol, available, needsDoc, needsExample: runs && !isErrorClass(symbol) });
    if (isClass) for (const member of ownMembers(symbol)) addMember(member, path);
  };
  const addMember = (member, path) => {
    const needsDoc = member.declarations.some((node) => ts.isMethodDeclaration(node));
    if (homeOf(member) === name)
      found.push({ package: name, name: `${path}.${member.name}`, symbol: member, available, needsDoc, needsExample: needsDoc });
    // The parts of a class, such as `engine.routes`.
    const part = member.flags & ts.SymbolFlags.Property ? checker.getTypeOfSymbol(member).getSymbol() : undefined;
    if (part !== undefined && declarationOf(part, ts.isClassDeclaration) !== undefined) add(part, part.name);
  };
  for (const [exported, { symbol }] of own) add(symbol, exported);
  return found;
}

function moduleName(name, entry) {
  return `${name}${entry
    .replaceAll(sep, '/')
    .replace(/^.*\/src/, '')
    .replace(/\/index\.ts$/, '')}`;
}

/** Public members, static ones too, except those that a base class or an interface declares: these are documented there. */
function ownMembers(symbol) {
  const declaration = declarationOf(symbol, ts.isClassDeclaration);
  const inherited = new Set(
    (declaration.heritageClauses ?? [])
      .flatMap(({ types }) => types)
      .flatMap((node) => checker.getPropertiesOfType(checker.getTypeAtLocation(node)).map(({ name }) => name)),
  );
  const instance = publicMembers(checker.getDeclaredTypeOfSymbol(symbol)).filter(({ name }) => !inherited.has(name));
  const statics = publicMembers(checker.getTypeOfSymbol(symbol)).filter(
    ({ valueDeclaration }) => valueDeclaration?.parent === declaration,
  );
  return [...instance, ...statics].filter(({ declarations }) => declarations !== undefined);
}

function isTypeDeclaration(node) {
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
}

function isErrorClass(symbol) {
  if (declarationOf(symbol, ts.isClassDeclaration) === undefined) return false;
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const bases = (each) => [each, ...(each.isClass() ? checker.getBaseTypes(each).flatMap(bases) : [])];
  return bases(type).some((each) => each.symbol?.name === 'Error');
}

function gapsOf({ package: from, name, symbol, needsExample }) {
  const about = { package: from, name };
  if (docOf(symbol) === '') return [{ ...about, lacks: 'a doc comment' }];
  return needsExample && rawExamplesOf(symbol).length === 0 ? [{ ...about, lacks: 'an @example' }] : [];
}

/** Types of ours in the signature of a declaration that its package does not export. */
function hiddenTypesOf({ package: from, name, symbol }) {
  const { entries } = packages.find((each) => each.name === from);
  const exported = new Set(exportsOf(entries).map(([, each]) => each));
  const hidden = (symbol.declarations ?? []).flatMap((node) => signatureParts(node)).flatMap((node) => typesIn(node));
  return [...new Set(hidden)]
    .filter((type) => homeOf(type) !== null && !exported.has(type))
    .map((type) => ({ package: from, name, lacks: `an export of ${type.name}` }));
}

function signatureParts(node) {
  if (isTypeDeclaration(node)) return [node];
  if (ts.isVariableDeclaration(node) && node.initializer?.parameters !== undefined) return signatureParts(node.initializer);
  return [...(node.parameters ?? []), ...(node.typeParameters ?? []), node]
    .map(({ type, constraint }) => type ?? constraint)
    .filter(Boolean);
}

function typesIn(node) {
  const named = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : undefined;
  const symbol = named === undefined ? undefined : checker.getSymbolAtLocation(named);
  const target = symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const isOwn = target === undefined || target.flags & ts.SymbolFlags.TypeParameter;
  return [...(isOwn ? [] : [target]), ...childrenOf(node).flatMap((child) => typesIn(child))];
}

function childrenOf(node) {
  const children = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

/** Classes named in `@throws` of the engine and its parts. */
function thrownBy(symbol) {
  const ours = documented.filter(({ package: from }) => from === homeOf(symbol));
  const texts = ours.flatMap((each) => each.symbol.getJsDocTags(checker).filter(({ name }) => name === 'throws'));
  const classes = texts.flatMap(({ text }) =>
    [...ts.displayPartsToString(text).matchAll(/\b[A-Z]\w*Error\b/g)].map(([name]) => name),
  );
  return [...new Set(classes)].toSorted();
}

function exportedErrors() {
  const found = documented.filter(({ package: from, symbol }) => from === homeOf(engine.symbol) && isErrorClass(symbol));
  return found.map(({ name }) => name);
}

/**
 * An example as a module with one function, which is given what the example uses of the context and answers with the classes it declares.
 * The fence says `ts`, or `ts no-run: REASON` for what can only be type-checked.
 */
function exampleOf({ package: from, name, available }, { info, code }, index) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2023, true);
  const hoisted = source.statements.filter((node) => ts.isImportDeclaration(node) || ts.isModuleDeclaration(node));
  const body = source.statements.filter((node) => !hoisted.includes(node));
  const classes = body.filter((node) => ts.isClassDeclaration(node) && node.name !== undefined).map((node) => node.name.text);
  const used = usedNames(source);
  const uses = CONTEXT.filter((value) => used.has(value));
  const lines = [
    ...importsFor(used, available),
    ...hoisted.map((node) => node.getText()),
    `export async function example({ ${uses.join(', ')} }: import('../../docs/example-context.js').ExampleContext): Promise<unknown[]> {`,
    ...body.map((node) =>
      node.getFullText().replaceAll(/^export (?=(?:abstract )?(?:class|const|function|async|interface|type)\b)/gm, ''),
    ),
    `  return [${classes.join(', ')}];`,
    '}',
  ];
  return { package: from, name: index === 0 ? name : `${name} (${index + 1})`, info, uses, module: `${lines.join('\n')}\n` };
}

/** Identifiers that an example refers to and does not declare. */
function usedNames(source) {
  const used = new Set();
  const declared = new Set();
  const visit = (node) => {
    if (ts.isIdentifier(node)) (isDeclared(node) ? declared : isMember(node) ? new Set() : used).add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Set([...used].filter((name) => !declared.has(name)));
}

function isDeclared({ parent, text }) {
  return parent.name?.text === text && !ts.isPropertyAccessExpression(parent) && !isMemberDeclaration(parent);
}

function isMember(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || isMemberDeclaration(parent)) return parent.name === node;
  return ts.isQualifiedName(parent) && parent.right === node;
}

function isMemberDeclaration(node) {
  return ts.isClassElement(node) || ts.isTypeElement(node) || ts.isPropertyAssignment(node);
}

function importsFor(used, available) {
  return [...used].flatMap((name) => {
    const { module, isType } = available.get(name) ?? names.get(name) ?? {};
    return module === undefined ? [] : [`import ${isType ? 'type ' : ''}{ ${name} } from '${module}';`];
  });
}

/** What a module exports: by name, the symbol, where to import it from, and whether it is a type only. */
function namesOf(file, module) {
  return new Map(
    checker.getExportsOfModule(checker.getSymbolAtLocation(file)).map((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const isType =
        !(symbol.flags & ts.SymbolFlags.Value) || exported.declarations?.some((node) => ts.isTypeOnlyExportDeclaration(node));
      return [exported.name, { symbol, module, isType }];
    }),
  );
}

function moduleFile(name) {
  const { resolvedModule } = ts.resolveModuleName(
    name,
    join(ROOT, 'libs', 'nestjs', 'src', 'index.ts'),
    program.getCompilerOptions(),
    ts.sys,
  );
  return program.getSourceFile(resolvedModule.resolvedFileName);
}
