// Jest loads CommonJS packages itself, and before Node 24.9 it cannot require ES modules in them.
// inject() of Fastify is such a package, with one such import: it gets a copy in CommonJS.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const cache = path.join(__dirname, '../../../node_modules/.cache/nestjs-session-bag');

/**
 * @param {string} name
 * @param {{ basedir: string, defaultResolver(name: string, options: object): string }} options
 */
module.exports = (name, options) => {
  const file = options.defaultResolver(name, options);
  const isOfInject = name === 'cookie' && /[\\/]light-my-request[\\/]/.test(options.basedir);
  return isOfInject ? commonJs(file) : file;
};

/** @param {string} file */
function commonJs(file) {
  const source = readFileSync(file, 'utf8');
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const copy = path.join(cache, `cookie-${hash}.cjs`);
  if (!existsSync(copy)) {
    const { code } = transformSync(source, { module: { type: 'commonjs' }, swcrc: false });
    mkdirSync(cache, { recursive: true });
    // Another worker may be writing the same.
    writeFileSync(`${copy}.${process.pid}`, code);
    renameSync(`${copy}.${process.pid}`, copy);
  }
  return copy;
}
