import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runCommand, runNode } from './run-command.mjs';

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean }} LockedPackage
 * @typedef {Record<string, LockedPackage>} LockedPackages by their path, the project itself as ''
 */

/**
 * Installs the npm packages unless they are there. Resolves to the exit code of npm.
 *
 * @returns {Promise<number>}
 */
export async function ensureNpmPackages() {
  if (packagesAreInstalled(projectRoot)) return 0;
  console.log('Installing npm packages ...');
  // Not `npm ci`: it refuses a lock file made where a native package of another system could not
  // be seen. This takes the locked versions as well, and leaves the lock file as it is.
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund'];
  // Under `npm run` this is the npm that called us, which needs no shell on any system.
  const npm = process.env['npm_execpath'];
  return npm === undefined ? runCommand('npm', args) : runNode([npm, ...args]);
}

/**
 * Whether `node_modules` holds what the lock file asks for. npm writes its own list of what it
 * installed as the last thing, so an installation that was interrupted counts as none.
 *
 * @param {string} root the folder of package.json
 * @returns {boolean}
 */
export function packagesAreInstalled(root) {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = readPackages(join(root, 'package-lock.json')) ?? {};
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || installed[path]?.version === version,
  );
}

/**
 * @param {string} file
 * @returns {LockedPackages | undefined} undefined where there is no such file
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
