// `npm run test:package`: packs the package and uses it as its users will, from CommonJS on the
// oldest major of Nest that we support and from ES modules on the newest.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
const consumerSources = fileURLToPath(new URL('consumer', import.meta.url));

const { devDependencies } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
const consumers = [
  { name: 'CommonJS on Nest 11', type: 'commonjs', main: 'commonjs.cjs', nest: '^11.0.0' },
  { name: 'ES modules on Nest 12', type: 'module', main: 'module.mjs', nest: '^12.0.0' },
];
const typeScript = join(projectRoot, 'node_modules/typescript/bin/tsc');
const typeCheck = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', 'types.ts'];
/** An application that is not done by then has left something running. */
const longestRun = 30_000;

const workspace = await mkdtemp(join(tmpdir(), 'packed-package-'));
try {
  const tarball = await pack();
  const checks = await Promise.allSettled(consumers.map((consumer) => check(consumer, tarball)));
  checks.forEach((outcome, index) => {
    if (outcome.status === 'fulfilled') return;
    console.error(`${consumers[index]?.name}: ${outcome.reason.message}`);
    process.exitCode = 1;
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(workspace, { recursive: true });
}

/** @returns {Promise<string>} the path of the tarball, freshly built */
async function pack() {
  const stdout = await npm(projectRoot, 'pack', '--json', '--pack-destination', workspace);
  const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  const paths = files.map((/** @type {{ path: string }} */ file) => file.path);
  const surplus = paths.filter((/** @type {string} */ path) => !isPublished(path));
  if (surplus.length > 0) throw new Error(`The tarball holds too much: ${surplus.join(', ')}`);
  return join(workspace, filename);
}

/** @param {string} path */
function isPublished(path) {
  return /^(?:package\.json|README\.md|LICENSE|dist\/lib\/.+(?:\.js|\.d\.ts))$/.test(path);
}

/**
 * @param {(typeof consumers)[number]} consumer
 * @param {string} tarball
 */
async function check({ name, type, main, nest }, tarball) {
  const folder = join(workspace, type);
  await mkdir(folder);
  await cp(consumerSources, folder, { recursive: true });
  const manifest = { private: true, type, dependencies: dependencies(nest, tarball) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
  await run(process.execPath, [main], { cwd: folder, timeout: longestRun });
  await run(process.execPath, [typeScript, ...typeCheck], { cwd: folder });
  console.log(`${name}: a bag is kept on Express and on Fastify, and the types are right`);
}

/**
 * @param {string} nest a version range
 * @param {string} tarball
 */
function dependencies(nest, tarball) {
  const nestPackages = ['common', 'core', 'platform-express', 'platform-fastify'];
  return {
    ...Object.fromEntries(nestPackages.map((name) => [`@nestjs/${name}`, nest])),
    'nestjs-session-bag': `file:${tarball}`,
    'reflect-metadata': devDependencies['reflect-metadata'],
    rxjs: devDependencies.rxjs,
  };
}

/**
 * @param {string} cwd
 * @param {...string} args
 */
function npm(cwd, ...args) {
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
function run(program, args, options) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { ...options, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const reason = error.killed ? 'still running when its time was up' : error.message;
      reject(new Error([reason, stdout, stderr].join('\n'), { cause: error }));
    });
  });
}
