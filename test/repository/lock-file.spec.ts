import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packagesAreInstalled } from '../../scripts/npm-packages.mjs';
import { projectRoot, readProjectFile } from './project.js';

describe('package-lock.json', () => {
  it('names no registry, so that everybody installs from their own', () => {
    expect(readProjectFile('package-lock.json')).not.toContain('"resolved"');
  });

  it('is what these tests run with', () => {
    expect(packagesAreInstalled(projectRoot)).toBe(true);
  });
});

describe('packagesAreInstalled', () => {
  const project = { version: '1.0.0' };
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'npm-packages-'));
    mkdirSync(join(root, 'node_modules'));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  function write(file: string, packages: object): void {
    writeFileSync(join(root, file), JSON.stringify({ packages }));
  }

  it('is false before the first installation, and after one that was interrupted', () => {
    write('package-lock.json', { '': project });
    expect(packagesAreInstalled(root)).toBe(false);
  });

  it.each([
    ['true for the same versions', { version: '2.0.0' }, true],
    ['false for another version', { version: '2.0.1' }, false],
    ['false for a package that was added', undefined, false],
  ])('is %s', (_outcome, installed, expected) => {
    write('package-lock.json', { '': project, 'node_modules/a': { version: '2.0.0' } });
    write('node_modules/.package-lock.json', { 'node_modules/a': installed });
    expect(packagesAreInstalled(root)).toBe(expected);
  });

  it('does not ask for packages of other systems', () => {
    write('package-lock.json', { 'node_modules/a': { version: '2.0.0', optional: true } });
    write('node_modules/.package-lock.json', {});
    expect(packagesAreInstalled(root)).toBe(true);
  });

  it('is content with what is there when nothing is locked', () => {
    write('node_modules/.package-lock.json', {});
    expect(packagesAreInstalled(root)).toBe(true);
  });
});
