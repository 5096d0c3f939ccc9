// `npm run test:matrix`: the packed package on every version of Node.js and Nest that it supports, on
// Express and on Fastify. Majors of Node.js may be named; a run of all of them, in which everything
// works, writes the table into README.md.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  check,
  consumers,
  install,
  npm,
  pack,
  platforms,
  projectRoot,
  run,
} from './packed-package.mjs';

const majors = ['20', '22', '24', '26'];
const chosen = process.argv.slice(2);
const wanted = chosen.length > 0 ? chosen : majors;
/** Node.js as an npm package, for this machine. */
const binaryPackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const begin = '<!-- written by npm run test:matrix -->';
const end = '<!-- end -->';

const workspace = await mkdtemp(join(tmpdir(), 'version-matrix-'));
try {
  await runMatrix();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(workspace, { recursive: true });
}

async function runMatrix() {
  const tarball = await pack(workspace);
  const nodes = await installNodes();
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  const heads = [];
  for (const consumer of consumers) {
    const folder = await install(workspace, consumer, tarball);
    const nest = await versionOf(folder, '@nestjs/core');
    for (const platform of platforms) {
      heads.push(
        `Nest ${nest}, ${consumer.type === 'module' ? 'ES modules' : 'CommonJS'}, ${platform}`,
      );
      rows.push(
        await Promise.all(nodes.map(({ path }) => outcome(path, folder, consumer, platform))),
      );
    }
  }
  const table = tableOf(
    ['Node.js', ...heads],
    nodes.map(({ version }, index) => [version, ...rows.map((row) => row[index] ?? '')]),
  );
  console.log(table);
  const isGreen = rows.flat().every((cell) => cell === 'works');
  if (!isGreen) process.exitCode = 1;
  else if (chosen.length === 0) await writeIntoReadme(table);
}

async function installNodes() {
  const folder = join(workspace, 'nodes');
  await mkdir(folder);
  const names = wanted.map((major) => [`node${major}`, `npm:${binaryPackage}@${major}`]);
  const manifest = { private: true, dependencies: Object.fromEntries(names) };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
  return Promise.all(
    wanted.map(async (major) => {
      const path = join(folder, 'node_modules', `node${major}`, 'bin', 'node');
      return { path, version: (await run(path, ['--version'], {})).trim().slice(1) };
    }),
  );
}

/**
 * @param {string} node
 * @param {string} folder
 * @param {import('./packed-package.mjs').Consumer} consumer
 * @param {string} platform
 */
async function outcome(node, folder, consumer, platform) {
  try {
    await check(node, folder, consumer, [platform]);
    return 'works';
  } catch (error) {
    console.error(
      `${consumer.name}, ${platform}: ${error instanceof Error ? error.message : String(error)}`,
    );
    return '**fails**';
  }
}

/**
 * @param {string} folder
 * @param {string} name
 * @returns {Promise<string>}
 */
async function versionOf(folder, name) {
  const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8');
  return JSON.parse(text).version;
}

/**
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows
 */
function tableOf(heads, rows) {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {string} table */
async function writeIntoReadme(table) {
  const file = join(projectRoot, 'README.md');
  const readme = await readFile(file, 'utf8');
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`README.md has lost the place of the table: ${begin}`);
  await writeFile(file, `${before}${begin}\n\n${table}\n\n${end}${after}`);
  await run(process.execPath, [join('node_modules/prettier/bin/prettier.cjs'), '--write', file], {
    cwd: projectRoot,
  });
}
