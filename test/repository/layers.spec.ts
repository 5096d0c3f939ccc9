import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { importsOf, nodesOf, parse, type Import } from './imports.js';
import { layerOf, mayImport, mayImportPackage } from './layers.js';
import { readProjectFile, typeScriptFiles } from './project.js';

const files = typeScriptFiles('lib');
const sources = files.map((file) => parse(file));
const imports = sources.flatMap(importsOf);

const isOwnFile = ({ to }: Import): boolean => to.startsWith('lib/');
const arrow = ({ from, to }: Import): string => `${from} -> ${to}`;

describe('the layers of lib/', () => {
  it('sees files and imports', () => {
    expect(files).toContain('lib/adapters/session-adapter.ts');
    expect(imports.filter(isOwnFile)).not.toHaveLength(0);
  });

  it('sees every form of import', () => {
    const source = parse(
      'lib/record/record.ts',
      `import type { A } from '../store/a.js';
       export * from './b.js';
       const client = await import('ioredis');
       type Request = import('node:http').IncomingMessage;`,
    );
    const targets = importsOf(source).map(({ to }) => to);
    expect(targets).toEqual(['lib/store/a.ts', 'lib/record/b.ts', 'ioredis', 'node:http']);
  });

  it('tells what is allowed from what is not', () => {
    expect(mayImport('store', 'record')).toBe(true);
    expect(mayImport('record', 'store')).toBe(false);
    expect(mayImportPackage('http', 'node:http')).toBe(true);
    expect(mayImportPackage('service', 'node:http')).toBe(false);
    expect(mayImportPackage('record', '@nestjs/common')).toBe(false);
    expect(layerOf('lib/elsewhere/file.ts')).toBeUndefined();
  });

  it('puts every file into a layer', () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  it('has arrows that point down only', () => {
    const upward = imports.filter(isOwnFile).filter(({ from, to }) => {
      const [fromLayer, toLayer] = [layerOf(from), layerOf(to)];
      return !fromLayer || !toLayer || !mayImport(fromLayer, toLayer);
    });
    expect(upward.map(arrow)).toEqual([]);
  });

  it('knows HTTP in http/ only, and neither Nest nor I/O in record/', () => {
    const foreign = imports.filter((anImport) => !isOwnFile(anImport));
    const refused = foreign.filter(({ from, to }) => {
      const layer = layerOf(from);
      return !layer || !mayImportPackage(layer, to);
    });
    expect(refused.map(arrow)).toEqual([]);
  });

  it('imports its own files with their extension', () => {
    const known = new Set(files);
    const unknown = imports.filter(isOwnFile).filter(({ to }) => !known.has(to));
    expect(unknown.map(arrow)).toEqual([]);
  });
});

describe('the files of lib/', () => {
  it('are short', () => {
    const long = files.filter((file) => readProjectFile(file).split('\n').length > 251);
    expect(long).toEqual([]);
  });

  it('use neither any nor a non-null assertion', () => {
    const unchecked = sources.filter((source) =>
      [...nodesOf(source)].some(
        (node) => node.kind === ts.SyntaxKind.AnyKeyword || ts.isNonNullExpression(node),
      ),
    );
    expect(unchecked.map(({ fileName }) => fileName)).toEqual([]);
  });

  it('switch off neither the type checker nor the linter', () => {
    const silenced = /@ts-(?:ignore|nocheck|expect-error)|(?:ox|es)lint-disable/;
    expect(files.filter((file) => silenced.test(readProjectFile(file)))).toEqual([]);
  });

  it('wait for nothing while they load, so that CommonJS can require them', () => {
    const waiting = sources.filter((source) => source.statements.some(hasTopLevelAwait));
    expect(waiting.map(({ fileName }) => fileName)).toEqual([]);
  });
});

function hasTopLevelAwait(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node) && node.awaitModifier !== undefined) return true;
  return ts.forEachChild(node, hasTopLevelAwait) ?? false;
}
