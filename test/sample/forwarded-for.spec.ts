import { describe, expect, it } from '@jest/globals';
import { forwardedFor } from '../../sample/cluster/forwarded-for.js';

describe('forwardedFor', () => {
  it.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '128.127.0.1'])(
    'says that %s asks',
    (remoteAddress) => {
      const header = forwardedFor({ socket: { remoteAddress }, httpVersion: '1.1' });
      expect(header).toEqual(['X-Forwarded-For', remoteAddress]);
    },
  );

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1'])('adds nothing for %s', (remoteAddress) => {
    expect(forwardedFor({ socket: { remoteAddress }, httpVersion: '1.1' })).toEqual([]);
  });

  it('takes HTTP/1.0 for another proxy', () => {
    const received = { socket: { remoteAddress: '127.0.0.1' }, httpVersion: '1.0' };
    expect(forwardedFor(received)).toEqual(['X-Forwarded-For', '127.0.0.1']);
  });

  it('knows nothing of a client that has gone', () => {
    expect(forwardedFor({ socket: {}, httpVersion: '1.1' })).toEqual([
      'X-Forwarded-For',
      'unknown',
    ]);
  });
});
