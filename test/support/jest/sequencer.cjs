// Where it knows no times of a former run, Jest begins with the largest files. These are short, and
// take longest: coming last, they would leave all cores but one without work.
const { default: Sequencer } = require('@jest/test-sequencer');

const LONG = /[\\/]test[\\/](chaos|sample[\\/]browser)[\\/]/;

module.exports = class extends Sequencer {
  /**
   * @override
   * @param {Parameters<InstanceType<typeof Sequencer>['sort']>[0]} tests
   */
  async sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is Jest's own, and gives a new list
    const sorted = await super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};

/** @param {{ readonly path: string }} test */
function isLong({ path }) {
  return LONG.test(path);
}
