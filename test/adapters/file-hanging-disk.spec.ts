import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { SessionStoreUnavailableException } from '../../lib/exceptions/session.exceptions.js';
import { failureOf } from '../support/failure-of.js';

/** What the disk does not answer, as that of a server that is away. */
let hanging: string | undefined;

jest.unstable_mockModule('node:fs/promises', () => {
  const names = ['mkdir', 'stat', 'symlink', 'unlink'] as const;
  const calls = names.map((name) => {
    const call = fs[name] as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => (hanging === name ? never() : call(...args))];
  });
  return { ...fs, ...Object.fromEntries(calls) };
});

describe('R23 FileAdapter on a disk that hangs', () => {
  let parent: string;
  let adapter: FileAdapter;

  beforeEach(async () => {
    parent = await fs.mkdtemp(join(tmpdir(), 'file-hanging-'));
    const { FileAdapter } = await import('../../lib/adapters/file.adapter.js');
    adapter = new FileAdapter({ path: join(parent, 'sessions'), storeTimeout: 100 });
  });
  afterEach(async () => {
    hanging = undefined;
    await fs.rm(parent, { recursive: true });
  });

  it.each(['mkdir', 'stat', 'symlink', 'unlink'])(
    'rejects in time as it is opened, and can be opened later: %s',
    async (call) => {
      hanging = call;
      const error = await failureOf(adapter.open());
      expect(error).toBeInstanceOf(SessionStoreUnavailableException);
      expect(error.message).toMatch(/did not answer within 100 ms/);
      hanging = undefined;
      await adapter.open();
      expect(await adapter.create('sess:key', 'data', 60)).toBe(true);
    },
  );
});

function never(): Promise<never> {
  return new Promise(() => {});
}
