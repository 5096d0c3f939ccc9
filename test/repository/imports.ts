import { dirname, posix } from 'node:path';
import ts from 'typescript';
import { readProjectFile } from './project.js';

export interface Import {
  /** The file that imports, from the project's root. */
  readonly from: string;
  /** The imported file from the project's root, or the name of a package. */
  readonly to: string;
}

export function parse(file: string, text = readProjectFile(file)): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** Every node of a file, the outer ones first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodesOf(child);
}

/** What a file imports or exports again: statically, for its types only, or by `import()`. */
export function importsOf(source: ts.SourceFile): Import[] {
  return [...nodesOf(source)]
    .map(specifierOf)
    .filter((specifier) => specifier !== undefined)
    .map((specifier) => ({ from: source.fileName, to: resolve(source.fileName, specifier) }));
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return literalText(node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return literalText(node.argument.literal);
  }
  const isImportCall =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImportCall ? literalText(node.arguments[0]) : undefined;
}

function literalText(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(dirname(from), specifier).replace(/\.js$/, '.ts');
}

/**
 * The packages that a file loads as it is loaded: its own static imports and those of the files that
 * it imports, except for types.
 */
export function loadedBy(file: string, seen = new Set<string>()): string[] {
  seen.add(file);
  const packages = new Set<string>();
  for (const { to } of staticImportsOf(parse(file))) {
    const own = ownFile(to);
    if (own === undefined) packages.add(packageOf(to));
    else if (!seen.has(own)) for (const name of loadedBy(own, seen)) packages.add(name);
  }
  return [...packages].filter((name) => !name.startsWith('node:'));
}

function staticImportsOf(source: ts.SourceFile): Import[] {
  return source.statements
    .filter((node) => ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
    .filter((node) => !isTypeOnly(node))
    .map((node) => specifierOf(node))
    .filter((specifier) => specifier !== undefined)
    .map((specifier) => ({ from: source.fileName, to: resolve(source.fileName, specifier) }));
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

/** The file of the project that an import means, by a path or by this package's own name. */
function ownFile(target: string): string | undefined {
  if (target.endsWith('.ts')) return target;
  const [name, ...path] = target.split('/');
  if (name !== 'nestjs-session-bag') return undefined;
  if (path[0] === 'adapters') return `lib/adapters/${path[1]}.adapter.ts`;
  return ['lib', ...path, 'index.ts'].join('/');
}

function packageOf(specifier: string): string {
  const [scope = '', name] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
