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
