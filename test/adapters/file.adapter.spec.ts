import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sessions-'));
});
afterEach(() => rm(folder, { recursive: true }));

describeSessionAdapter('file', () => new FileAdapter({ path: folder }), { describe, it });
