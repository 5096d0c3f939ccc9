// Jest loads CommonJS packages itself, and before Node 24.9 it cannot require ES modules in them.
// Two packages below Fastify have one such import each: they get a copy in CommonJS.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { transformSync } = require('@swc/core');

const cache = path.join(__dirname, '../../../node_modules/.cache/nestjs-session-bag');

/** By the folder of who requires it. inject() needs the one, Mercurius the other. */
const required = new Map([
  ['cookie', /[\\/]light-my-request[\\/]/],
  ['content-disposition', /[\\/]@fastify[\\/]static\b/],
]);

/**
 * @param {string} name
 * @param {{ basedir: string, defaultResolver(name: string, options: object): string }} options
 */
module.exports = (name, options) => {
  const file = options.defaultResolver(name, options);
  const isMeant = required.get(name)?.test(options.basedir);
  return isMeant ? commonJs(name, file) : file;
};

/**
 * @param {string} name
 * @param {string} file
 */
function commonJs(name, file) {
  const source = readFileSync(file, 'utf8');
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const copy = path.join(cache, `${name}-${hash}.cjs`);
  if (!existsSync(copy)) {
    const { code } = transformSync(source, { module: { type: 'commonjs' }, swcrc: false });
    mkdirSync(cache, { recursive: true });
    // Another worker may be writing the same.
    writeFileSync(`${copy}.${process.pid}`, code);
    renameSync(`${copy}.${process.pid}`, copy);
  }
  return copy;
}
