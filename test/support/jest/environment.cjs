// Before Node 24 every promise looks through all AsyncLocalStorages that are in use, and Jest loads
// the package and parts of itself anew for each test file. What a file leaves behind would slow down
// all later files of its worker, the more the later they come.
const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

/**
 * Those that the test file has used.
 *
 * @type {Set<AsyncLocalStorage<unknown>>}
 */
const used = new Set();

for (const method of /** @type {const} */ (['run', 'enterWith'])) {
  /** @type {Function} */
  const original = AsyncLocalStorage.prototype[method];
  Object.assign(AsyncLocalStorage.prototype, {
    /**
     * @this {AsyncLocalStorage<unknown>}
     * @param {unknown[]} given
     */
    [method](...given) {
      used.add(this);
      return Reflect.apply(original, this, given);
    },
  });
}

module.exports = class extends TestEnvironment {
  /** @override */
  async teardown() {
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
};
