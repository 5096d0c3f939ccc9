import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkedFiles } from '../../scripts/packed-readme.mjs';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const consumerSources = fileURLToPath(new URL('consumer', import.meta.url));

/** @typedef {(typeof consumers)[number]} Consumer */

/**
 * The applications that use the package: the oldest Nest that fits its Fastify, and the newest ones.
 *
 * @type {{ name: string, type: 'commonjs' | 'module', main: string, nest: string }[]}
 */
export const consumers = [
  { name: 'CommonJS on the oldest Nest', type: 'commonjs', main: 'commonjs.cjs', nest: '11.0.3' },
  { name: 'CommonJS on Nest 11', type: 'commonjs', main: 'commonjs.cjs', nest: '^11.0.0' },
  { name: 'ES modules on Nest 12', type: 'module', main: 'module.mjs', nest: '^12.0.0' },
];
export const platforms = ['express', 'fastify'];

/** An application that is not done by then has left something running. */
const longestRun = 60_000;

/**
 * Builds and packs the package.
 *
 * @param {string} workspace
 * @returns {Promise<string>} the path of the tarball
 */
export async function pack(workspace) {
  const stdout = await npm(projectRoot, 'pack', '--json', '--pack-destination', workspace);
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  const paths = files.map((/** @type {{ path: string }} */ file) => file.path);
  const surplus = paths.filter((/** @type {string} */ path) => !isPublished(path));
  if (surplus.length > 0) throw new Error(`The tarball holds too much: ${surplus.join(', ')}`);
  const tarball = join(workspace, filename);
  const readme = await run('tar', ['-xzOf', tarball, 'package/README.md'], {});
  const dead = linkedFiles(readme).filter((path) => !paths.includes(path));
  if (dead.length > 0) throw new Error(`README.md links what is not packed: ${dead.join(', ')}`);
  return tarball;
}

/** @param {string} path */
function isPublished(path) {
  return (
    /^(?:package\.json|[A-Z]+\.md|LICENSE|docs\/[\w-]+\.md|docs\/performance\/[\w-]+\.svg)$/.test(
      path,
    ) || /^(?:dist\/lib\/.+(?:\.js|\.d\.ts)|schematics\/.+(?:\.cjs|\.json))$/.test(path)
  );
}

/**
 * Makes an application that has installed the package.
 *
 * @param {string} workspace
 * @param {Consumer} consumer
 * @param {string} tarball
 * @returns {Promise<string>} its folder
 */
export async function install(workspace, { name, type, nest }, tarball) {
  const folder = join(workspace, name.replaceAll(' ', '-'));
  await mkdir(folder);
  await cp(consumerSources, folder, { recursive: true });
  const manifest = { private: true, type, dependencies: await dependencies(nest, tarball) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
  return folder;
}

/**
 * @param {string} nest a version range
 * @param {string} tarball
 */
async function dependencies(nest, tarball) {
  const text = await readFile(join(projectRoot, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(text);
  const nestPackages = ['common', 'core', 'platform-express', 'platform-fastify'];
  return {
    ...Object.fromEntries(nestPackages.map((name) => [`@nestjs/${name}`, nest])),
    '@types/node': devDependencies['@types/node'],
    'nestjs-session-bag': `file:${tarball}`,
    'reflect-metadata': devDependencies['reflect-metadata'],
    rxjs: devDependencies.rxjs,
  };
}

/**
 * Runs the application's checks.
 *
 * @param {string} node
 * @param {string} folder
 * @param {Consumer} consumer
 * @param {readonly string[]} onPlatforms
 */
export async function check(node, folder, { main }, onPlatforms = platforms) {
  await run(node, [main, ...onPlatforms], { cwd: folder, timeout: longestRun });
}

/**
 * @param {string} cwd
 * @param {...string} args
 */
export function npm(cwd, ...args) {
  return run('npm', args, { cwd, shell: process.platform === 'win32' });
}

/**
 * Rejects with all that the program said when it fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').ExecFileOptions} options
 * @returns {Promise<string>} its standard output
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...options, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const reason = error.killed ? 'still running when its time was up' : error.message;
      reject(new Error([reason, stdout, stderr].join('\n'), { cause: error }));
    });
  });
}
