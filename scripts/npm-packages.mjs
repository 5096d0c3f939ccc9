import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, runCommand } from './run-command.mjs';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {boolean} [optional]
 * @property {boolean} [devOptional]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, { optional?: boolean }>} [peerDependenciesMeta]
 *
 * @typedef {Record<string, LockedPackage>} LockedPackages by their path, the project itself as ''
 */

/**
 * Installs the npm packages unless they are there. Resolves to the exit code of npm.
 *
 * @param {string} [root] the folder of package.json
 * @returns {Promise<number>}
 */
export async function ensureNpmPackages(root = projectRoot) {
  if (packagesAreInstalled(root)) return 0;
  console.log('Installing npm packages ...');
  // Not `npm ci`: it refuses a lock file made where a native package of another system could not
  // be seen. This takes the locked versions as well, and leaves the lock file as it is.
  return runNpm(['install', '--no-save', '--include=dev'], root);
}

/**
 * Runs npm without its talk of audits and funds, in a folder with a package.json.
 *
 * @param {readonly string[]} args
 * @param {string} folder
 * @returns {Promise<number>} its exit code
 */
export function runNpm(args, folder) {
  const all = [...args, '--no-audit', '--no-fund'];
  // Under `npm run` this is the npm that called us, which needs no shell on any system.
  const npm = process.env['npm_execpath'];
  const options = { cwd: folder };
  if (npm === undefined) return runCommand('npm', all, options);
  return runCommand(process.execPath, [npm, ...all], options);
}

/**
 * Whether `node_modules` holds what the lock file asks for, or those packages of it that are given.
 *
 * @param {string} root the folder of package.json
 * @param {ReadonlySet<string>} [paths]
 * @returns {boolean}
 */
export function packagesAreInstalled(root, paths) {
  const installed = installedPackages(root);
  if (installed === undefined) return false;
  return Object.entries(lockedPackages(root)).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' ||
      (paths !== undefined && !paths.has(path)) ||
      optional ||
      devOptional ||
      installed[path]?.version === version,
  );
}

/**
 * What the lock file asks for.
 *
 * @param {string} root the folder of package.json
 */
export function lockedPackages(root) {
  return readPackages(join(root, 'package-lock.json')) ?? {};
}

/**
 * What is installed. npm writes its own list of that as the last thing, so an installation that was
 * interrupted counts as none.
 *
 * @param {string} root the folder of package.json
 * @returns {LockedPackages | undefined}
 */
export function installedPackages(root) {
  return readPackages(join(root, 'node_modules', '.package-lock.json'));
}

/**
 * @param {string} file
 * @returns {LockedPackages | undefined} undefined where there is no such file
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
