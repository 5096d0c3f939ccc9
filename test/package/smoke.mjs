// `npm run test:package`: packs the package and uses it as its users will, from CommonJS on the
// oldest Nest that we support and the newest of its major, and from ES modules on the newest.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, consumers, install, pack, projectRoot, run } from './packed-package.mjs';

const typeScript = join(projectRoot, 'node_modules/typescript/bin/tsc');
// Without --skipLibCheck: our types stand where no optional package is installed.
const typeCheck = ['--noEmit', '--strict', '--target', 'es2023', '--types', 'node', 'types.ts'];
/** Bundlers take the ES modules; `nodenext` and the old `node10` also let CommonJS require them. */
const moduleKinds = {
  commonjs: [
    ['--module', 'nodenext'],
    ['--module', 'commonjs', '--moduleResolution', 'bundler'],
    ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'],
  ],
  module: [
    ['--module', 'nodenext'],
    ['--module', 'node16'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ],
};

const workspace = await mkdtemp(join(tmpdir(), 'packed-package-'));
try {
  const tarball = await pack(workspace);
  const checks = await Promise.allSettled(consumers.map((consumer) => use(consumer, tarball)));
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

/**
 * @param {import('./packed-package.mjs').Consumer} consumer
 * @param {string} tarball
 */
async function use(consumer, tarball) {
  const folder = await install(workspace, consumer, tarball);
  await check(process.execPath, folder, consumer);
  for (const kind of moduleKinds[consumer.type]) {
    await run(process.execPath, [typeScript, ...typeCheck, ...kind], { cwd: folder });
  }
  console.log(`${consumer.name}: sessions work on Express and on Fastify, and the types are right`);
}
