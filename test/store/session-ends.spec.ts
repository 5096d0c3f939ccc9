import { describe, expect, it } from '@jest/globals';
import { type EndListener, SessionEnds } from '../../lib/store/session-ends.js';

function listener(key: string): EndListener & { ended: number } {
  return {
    key,
    ended: 0,
    onEnd() {
      this.ended++;
    },
  };
}

describe('the ends of sessions', () => {
  it('are told once, to those who watch that key', () => {
    const ends = new SessionEnds();
    const [first, second, other] = [listener('a'), listener('a'), listener('b')];
    for (const each of [first, second, other]) ends.watch(each);
    ends.announce('a');
    ends.announce('a');
    expect([first.ended, second.ended, other.ended]).toEqual([1, 1, 0]);
  });

  it('are told under the key that a renewal has brought, and no longer under the old one', () => {
    const ends = new SessionEnds();
    const [moved, there] = [listener('a'), listener('b')];
    ends.watch(moved);
    ends.watch(there);
    ends.follow('a', 'b');
    ends.announce('a');
    expect(moved.ended).toBe(0);
    ends.announce('b');
    expect([moved.ended, there.ended]).toEqual([1, 1]);
  });

  it('are not told to those who do not watch any more', () => {
    const ends = new SessionEnds();
    const gone = listener('a');
    ends.watch(gone);
    ends.follow('a', 'b');
    ends.unwatch(gone);
    ends.unwatch(gone);
    ends.announce('b');
    expect(gone.ended).toBe(0);
  });
});
