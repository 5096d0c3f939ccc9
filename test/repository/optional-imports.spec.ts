import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { nodesOf, parse } from './imports.js';
import { readPackageJson, typeScriptFiles } from './project.js';

/** The calls of `import()` in a file, but for those of its own package's files. */
function importCalls(source: ts.SourceFile): ts.CallExpression[] {
  return [...nodesOf(source)]
    .filter((node) => ts.isCallExpression(node))
    .filter(({ expression }) => expression.kind === ts.SyntaxKind.ImportKeyword)
    .filter((call) => !nameOf(call)?.startsWith('.'));
}

function nameOf({ arguments: [name] }: ts.CallExpression): string | undefined {
  return name && ts.isStringLiteralLike(name) ? name.text : undefined;
}

/** Whether bundlers let the package be missing: esbuild and webpack look for just that. */
function mayBeMissing(call: ts.CallExpression): boolean {
  if (!ts.isAwaitExpression(call.parent)) return false;
  for (let node: ts.Node = call; !ts.isFunctionLike(node); node = node.parent) {
    if (node.parent === undefined) return false;
    if (ts.isTryStatement(node.parent) && node.parent.tryBlock === node) return true;
  }
  return false;
}

const calls = typeScriptFiles('lib').flatMap((file) => importCalls(parse(file)));
const { peerDependencies } = readPackageJson();

describe('packages that are imported when they are needed', () => {
  it('are optional peers, each called by its name, so that bundlers find it', () => {
    const names = calls.map((call) => nameOf(call) ?? call.getText());
    expect(names).toContain('ioredis');
    expect(names.filter((name) => !(name in peerDependencies))).toEqual([]);
  });

  it('may be missing where the application is bundled', () => {
    const needed = calls.filter((call) => !mayBeMissing(call)).map((call) => call.getText());
    expect(needed).toEqual([]);
  });

  it.each([
    ['try { await import("a"); } catch {}', true],
    ['try { if (isThere) return await import("a"); } catch {}', true],
    ['await import("a");', false],
    ['try { await Promise.all([import("a")]); } catch {}', false],
    ['try { later(async () => await import("a")); } catch {}', false],
    ['try { never(); } catch { await import("a"); }', false],
  ])('%s', (statement, expected) => {
    const [call] = importCalls(parse('lib/a.ts', `async function load() { ${statement} }`));
    expect(call && mayBeMissing(call)).toBe(expected);
  });
});
