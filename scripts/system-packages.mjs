import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './run-command.mjs';

/**
 * Debian's name of a package, the program that it brings, and another one that does as well.
 *
 * @typedef {{ debianPackage: string, program: string, orElse?: string }} Requirement
 */

/** What the tests run against. */
const requirements = [
  { debianPackage: 'memcached', program: 'memcached' },
  { debianPackage: 'redis-server', program: 'redis-server' },
  { debianPackage: 'postgresql', program: 'postgres' },
  { debianPackage: 'mariadb-server', program: 'mariadbd' },
  // Without what draws windows, it needs half the processor time.
  {
    debianPackage: 'chromium-headless-shell',
    program: 'chromium-headless-shell',
    orElse: 'chromium',
  },
];

const postgresVersions = '/usr/lib/postgresql';
const servicePolicy = '/usr/sbin/policy-rc.d';

/**
 * Installs the servers and the browser that the tests use, where that is possible; elsewhere it
 * says what to install. Resolves to the exit code.
 *
 * @param {readonly Requirement[]} [others] what is needed besides
 * @returns {Promise<number>}
 */
export async function ensureSystemPackages(others = []) {
  const missing = missingPackages([...requirements, ...others]);
  if (missing.length === 0) return 0;
  const names = missing.join(' ');
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    console.error(
      `The tests need programs that are not here; install ${names} and run them again.`,
    );
    return 1;
  }
  console.log(`Installing Debian packages: ${names} ...`);
  const code = await withoutStartingServices(() => installDebianPackages(missing));
  if (code !== 0) console.error(`apt-get could not install ${names}; do it by hand and run again.`);
  return code;
}

/**
 * @param {readonly Requirement[]} needed
 * @returns {string[]} Debian's names of what is not installed
 */
function missingPackages(needed) {
  return needed
    .filter(({ program, orElse = program }) => !findProgram(program) && !findProgram(orElse))
    .map(({ debianPackage }) => debianPackage);
}

/** @param {string} program */
function findProgram(program) {
  return programFolders()
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

/** Servers are often outside a user's PATH, and Debian's PostgreSQL is outside everybody's. */
function programFolders() {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const postgres = existsSync(postgresVersions) ? readdirSync(postgresVersions) : [];
  return [
    ...path.filter((folder) => folder !== ''),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    ...postgres.map((version) => join(postgresVersions, version, 'bin')),
  ];
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {readonly string[]} packages
 * @returns {Promise<number>}
 */
async function installDebianPackages(packages) {
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const updated = await runCommand('apt-get', ['update', '-q'], options);
  if (updated !== 0) return updated;
  const install = ['install', '-q', '-y', '--no-install-recommends', ...packages];
  return runCommand('apt-get', install, options);
}

/**
 * Debian starts a server as soon as it is installed, unless this policy says no: the tests start
 * their own, on free ports.
 *
 * @template T
 * @param {() => Promise<T>} install
 * @returns {Promise<T>}
 */
async function withoutStartingServices(install) {
  if (existsSync(servicePolicy)) return install();
  writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await install();
  } finally {
    rmSync(servicePolicy);
  }
}
