import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeSessionAdapter } from 'nestjs-session-bag/testing';
import { SqliteAdapter } from '../../sample/stores/sqlite.adapter.js';
import { itTogether } from '../support/it-together.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-sqlite-'));
});

afterAll(() => rm(folder, { recursive: true }));

const open = (): SqliteAdapter => new SqliteAdapter(join(folder, 'sessions.sqlite'));

describeSessionAdapter("the sample's SQLite adapter", open, { describe, it: itTogether() });

describe("the sample's SQLite adapter", () => {
  it('keeps sessions beyond a restart', async () => {
    const before = open();
    await before.create('sess:a', 'data', 60);
    await before.close();
    const after = open();
    expect((await after.read('sess:a'))?.data).toBe('data');
    await after.close();
  });
});
