import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  ensureNpmPackages,
  installedPackages,
  lockedPackages,
  packagesAreInstalled,
  runNpm,
} from './npm-packages.mjs';
import { projectRoot } from './run-command.mjs';

/** @import { LockedPackages } from './npm-packages.mjs' */

/** What the sample is compiled with and imports. A test compares it with its imports. */
export const samplePackages = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@nestjs/platform-fastify',
  '@nestjs/platform-ws',
  '@nestjs/websockets',
  '@types/node',
  'eta',
  'fastify',
  'reflect-metadata',
  'rxjs',
  'typescript',
  'ws',
];

/**
 * What a store needs beside that, when SESSION_ADAPTER chooses it.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const storePackages = {
  redis: ['ioredis'],
  database: ['knex', 'pg', 'mysql2'],
  sqlite: ['better-sqlite3'],
};

/** Where packages are put together before they come into place, by each start in its own folder. */
const staging = '.sample-packages';
/** Milliseconds after which a folder there is one that an interrupted start has left. */
const longestInstallation = 600_000;

/**
 * Installs what the sample needs, unless it is there: a tenth of what developing takes. Where there
 * is more than the sample's packages, all are installed, so that nothing is taken away. Resolves to
 * the exit code of npm.
 *
 * @param {string | undefined} store what SESSION_ADAPTER says
 * @param {string} [root] the folder of package.json
 * @returns {Promise<number>}
 */
export async function ensureSamplePackages(store, root = projectRoot) {
  const locked = lockedPackages(root);
  const names = [...Object.keys(locked['']?.dependencies ?? {}), ...samplePackages];
  const all = [...names, ...Object.values(storePackages).flat()];
  const ofStore = Object.hasOwn(storePackages, store ?? '') ? storePackages[store ?? ''] : [];
  const wanted = [...names, ...(ofStore ?? [])];
  if (packagesAreInstalled(root, packagesBelow(locked, wanted))) return 0;

  const kept = all.filter((name) => installedPackages(root)?.[`node_modules/${name}`]);
  const isMore = holdsMore(root, packagesBelow(locked, all));
  return isMore ? ensureNpmPackages(root) : install(root, locked, [...wanted, ...kept]);
}

/**
 * The paths of packages, and of all that they depend on, as Node.js looks for them. What is merely
 * possible beside a package (an optional peer) is left out.
 *
 * @param {LockedPackages} locked
 * @param {readonly string[]} names
 * @returns {ReadonlySet<string>}
 */
export function packagesBelow(locked, names) {
  /** @type {Set<string>} */
  const paths = new Set();
  /** @type {(from: string, needed: readonly string[]) => void} */
  const add = (from, needed) => {
    for (const name of needed) {
      const path = findPackage(locked, from, name);
      if (path === undefined || paths.has(path)) continue;
      paths.add(path);
      add(path, dependenciesOf(locked[path]));
    }
  };
  add('', names);
  return paths;
}

/** @param {LockedPackages[string]} [locked] */
function dependenciesOf({
  dependencies = {},
  optionalDependencies = {},
  peerDependencies = {},
  peerDependenciesMeta = {},
} = {}) {
  const peers = Object.keys(peerDependencies).filter(
    (name) => !peerDependenciesMeta[name]?.optional,
  );
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/**
 * @param {LockedPackages} locked
 * @param {string} from the path of the package that looks
 * @param {string} name
 * @returns {string | undefined}
 */
function findPackage(locked, from, name) {
  const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (locked[path] || from === '') return locked[path] && path;
  const end = from.lastIndexOf('/node_modules/');
  return findPackage(locked, end === -1 ? '' : from.slice(0, end), name);
}

/**
 * Whether a finished installation has packages besides these.
 *
 * @param {string} root
 * @param {ReadonlySet<string>} paths
 */
function holdsMore(root, paths) {
  return Object.keys(installedPackages(root) ?? {}).some((path) => !paths.has(path));
}

/**
 * Puts the packages together beside `node_modules` and moves them there when they are complete, so
 * that an interruption leaves what was.
 *
 * @param {string} root
 * @param {LockedPackages} locked
 * @param {readonly string[]} names
 */
async function install(root, locked, names) {
  console.log('Installing the npm packages of the sample ...');
  removeLeftovers(root);
  const folder = mkdtempSync(join(root, staging, 'new-'));
  try {
    const versions = names.map((name) => [name, locked[`node_modules/${name}`]?.version]);
    const project = { private: true, dependencies: Object.fromEntries(versions) };
    write(join(folder, 'package.json'), project);
    // Only these are in it: some versions of npm install all peers that a lock file offers.
    const paths = [...packagesBelow(locked, names)];
    const packages = Object.fromEntries(paths.map((path) => [path, locked[path]]));
    const lockFile = { lockfileVersion: 3, packages: { '': project, ...packages } };
    write(join(folder, 'package-lock.json'), lockFile);
    const code = await runNpm(['install', '--no-save', '--loglevel=error'], folder);
    if (code !== 0) return code;
    return moveIntoPlace(root, folder) ? 0 : await ensureNpmPackages(root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} root */
function removeLeftovers(root) {
  const folder = join(root, staging);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    const isLeft = Date.now() - mtimeMs > longestInstallation;
    if (isLeft) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * Moves rather than deletes what is there, which takes no time in which it could be half gone.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {boolean} false where `node_modules` cannot be moved: a volume of a container
 */
function moveIntoPlace(root, folder) {
  const place = join(root, 'node_modules');
  try {
    if (existsSync(place)) renameSync(place, join(folder, 'replaced'));
    renameSync(join(folder, 'node_modules'), place);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @param {object} content
 */
function write(file, content) {
  writeFileSync(file, JSON.stringify(content));
}
