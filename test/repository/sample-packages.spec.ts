import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lockedPackages } from '../../scripts/npm-packages.mjs';
import {
  ensureSamplePackages,
  packagesBelow,
  samplePackages,
  storePackages,
} from '../../scripts/sample-packages.mjs';
import { loadedBy } from './imports.js';
import { projectRoot, readPackageJson } from './project.js';

const { dependencies } = readPackageJson();
const locked = lockedPackages(projectRoot);

describe('the packages that npm start installs', () => {
  it('are all that the sample loads as it starts', () => {
    const loaded = loadedBy('sample/main.ts');
    expect(loaded).toContain('@nestjs/core');
    const there = new Set([...Object.keys(dependencies), ...samplePackages]);
    expect(loaded.filter((name) => !there.has(name))).toEqual([]);
  });

  it('are locked, those of the stores too', () => {
    const names = [...samplePackages, ...Object.values(storePackages).flat()];
    expect(names.filter((name) => !locked[`node_modules/${name}`])).toEqual([]);
  });

  it('are a small part of all, and none of them is compiled', () => {
    const paths = packagesBelow(locked, samplePackages);
    expect(paths.size).toBeLessThan(Object.keys(locked).length / 3);
    expect(paths).not.toContain('node_modules/better-sqlite3');
  });
});

describe('packagesBelow', () => {
  it('follows dependencies and peers as Node.js finds them, and no optional peers', () => {
    const paths = packagesBelow(
      {
        'node_modules/a': { dependencies: { b: '1' }, peerDependencies: { c: '1', d: '1' } },
        'node_modules/a/node_modules/b': { dependencies: { e: '1', a: '1' } },
        'node_modules/b': {},
        'node_modules/c': {},
        'node_modules/d': {},
        'node_modules/e': {},
        'node_modules/other': {},
      },
      ['a', 'absent'],
    );
    expect([...paths].toSorted()).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
      'node_modules/d',
      'node_modules/e',
    ]);
  });

  it('leaves optional peers out', () => {
    const a = { peerDependencies: { b: '1' }, peerDependenciesMeta: { b: { optional: true } } };
    const paths = packagesBelow({ 'node_modules/a': a, 'node_modules/b': {} }, ['a']);
    expect([...paths]).toEqual(['node_modules/a']);
  });
});

/** Stands in for npm: installs what package.json asks for, and notes whether that was all. */
const npm = `
  const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
  const { dependencies = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
  const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  const isStaged = process.cwd().includes('.sample-packages');
  const paths = isStaged
    ? Object.keys(dependencies).map((name) => 'node_modules/' + name)
    : Object.keys(locked).filter((path) => path !== '');
  for (const path of paths) mkdirSync(path, { recursive: true });
  appendFileSync(__dirname + '/calls', isStaged ? 'some ' : 'all ');
  if (process.env.NPM_FAILS) process.exit(7);
  const packages = Object.fromEntries(paths.map((path) => [path, locked[path]]));
  writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
`;

describe('ensureSamplePackages', () => {
  const environment = { ...process.env };
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sample-packages-'));
    const names = [...samplePackages, ...Object.values(storePackages).flat(), 'lru-cache', 'jest'];
    const packages = Object.fromEntries(
      names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]),
    );
    const project = { dependencies: { 'lru-cache': '^1.0.0' } };
    write('package.json', {});
    write('package-lock.json', { packages: { '': project, ...packages } });
    writeFileSync(join(root, 'npm.cjs'), npm);
    process.env['npm_execpath'] = join(root, 'npm.cjs');
    jest.spyOn(console, 'log').mockImplementation(() => {});
  });

  afterEach(() => {
    process.env = { ...environment };
    rmSync(root, { recursive: true });
  });

  function write(file: string, content: object): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), JSON.stringify(content));
  }

  /** What npm was called for, and the exit code. */
  async function ensure(store?: string): Promise<string> {
    writeFileSync(join(root, 'calls'), '');
    const code = await ensureSamplePackages(store, root);
    return readFileSync(join(root, 'calls'), 'utf8') + code;
  }

  function leftovers(): string[] {
    return readdirSync(join(root, '.sample-packages'));
  }

  function isThere(name: string): boolean {
    return existsSync(join(root, 'node_modules', name));
  }

  it('installs those of the sample, once', async () => {
    expect(await ensure()).toBe('some 0');
    expect([isThere('typescript'), isThere('lru-cache')]).toEqual([true, true]);
    expect([isThere('jest'), isThere('ioredis')]).toEqual([false, false]);
    expect(await ensure()).toBe('0');
    expect(leftovers()).toEqual([]);
  });

  it('adds what the chosen store needs, and keeps what another one needed', async () => {
    expect(await ensure('redis')).toBe('some 0');
    expect(await ensure('database')).toBe('some 0');
    expect([isThere('ioredis'), isThere('knex'), isThere('pg')]).toEqual([true, true, true]);
    expect(await ensure('redis')).toBe('0');
  });

  it('leaves a store that does not exist to the sample, whatever its name', async () => {
    for (const name of ['paper', 'constructor', '__proto__']) await ensure(name);
    expect(await ensure('constructor')).toBe('0');
  });

  it('leaves everything as it was when npm fails, and begins again', async () => {
    expect(await ensure()).toBe('some 0');
    process.env['NPM_FAILS'] = '1';
    expect(await ensure('redis')).toBe('some 7');
    delete process.env['NPM_FAILS'];
    expect([isThere('typescript'), isThere('ioredis')]).toEqual([true, false]);
    expect(await ensure('redis')).toBe('some 0');
  });

  it('takes an installation that was interrupted for none', async () => {
    write('node_modules/jest/half.json', {});
    expect(await ensure()).toBe('some 0');
    expect([isThere('typescript'), isThere('jest')]).toEqual([true, false]);
  });

  it('removes what an interrupted start has left, and nothing that another one may be at', async () => {
    write('.sample-packages/new-old/package.json', {});
    write('.sample-packages/new-now/package.json', {});
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(join(root, '.sample-packages/new-old'), anHourAgo, anHourAgo);
    expect(await ensure()).toBe('some 0');
    expect(leftovers()).toEqual(['new-now']);
  });

  it('lets two starts at once come through', async () => {
    const codes = await Promise.all([
      ensureSamplePackages('', root),
      ensureSamplePackages('', root),
    ]);
    expect(codes).toEqual([0, 0]);
    expect(await ensure()).toBe('0');
  });

  it('installs all of them where more than the sample needs is installed', async () => {
    write('node_modules/.package-lock.json', {
      packages: { 'node_modules/jest': { version: '0.9.0' } },
    });
    write('node_modules/jest/package.json', {});
    expect(await ensure()).toBe('all 0');
    expect([isThere('typescript'), isThere('jest')]).toEqual([true, true]);
    expect(await ensure('redis')).toBe('0');
  });
});
