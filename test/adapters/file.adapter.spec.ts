import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FileAdapter } from '../../lib/adapters/file.adapter.js';
import {
  InvalidSessionOptionsException,
  SessionStoreUnavailableException,
} from '../../lib/exceptions/session.exceptions.js';
import { describeSessionAdapter } from '../../lib/testing/index.js';
import { itTogether } from '../support/it-together.js';

const KEY = 'sess:key';

let parent: string;
let folder: string;
let adapter: FileAdapter;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'file-adapter-'));
  folder = join(parent, 'sessions');
  adapter = new FileAdapter({ path: folder });
  await adapter.open();
});
afterEach(() => rm(parent, { recursive: true }));

describe('FileAdapter', () => {
  let shared: string;

  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'file-adapter-'));
  });
  afterAll(() => rm(shared, { recursive: true }));

  const open = (): FileAdapter =>
    new FileAdapter({ path: join(shared, 'sessions'), storeTimeout: 10_000 });
  describeSessionAdapter('file', open, { describe, it: itTogether() });
});

describe('FileAdapter: files', () => {
  it('keeps a record in one file, named by the hash of its key', async () => {
    await adapter.create(KEY, 'data', 60);
    const name = createHash('sha256').update(KEY).digest('hex');
    expect(await readdir(folder)).toEqual([`${name}.session`]);
    expect(await readFile(fileOf(KEY), 'utf8')).not.toContain(KEY);
    await adapter.destroy(KEY);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([0, 0o077, 0o777])('lets only its owner in, with umask %p', async (umask) => {
    const before = process.umask(umask);
    try {
      const path = join(parent, 'masked');
      const masked = new FileAdapter({ path });
      await masked.open();
      await masked.create(KEY, 'first', 60);
      const created = await stat(fileOf(KEY, path));
      await masked.update(KEY, 'second', 60, (await masked.read(KEY))?.version ?? '');
      const updated = await stat(fileOf(KEY, path));
      const modes = [await stat(path), created, updated].map(({ mode }) => mode & 0o7777);
      expect(modes).toEqual([0o700, 0o600, 0o600]);
    } finally {
      process.umask(before);
    }
  });
});

describe('FileAdapter: folder', () => {
  it.each([
    ['an empty path', () => ''],
    ['no path', () => undefined as unknown as string],
    ['a path below a file', () => join(fileOf(KEY), 'below')],
    ['a path that is a file', () => fileOf(KEY)],
    ['a path that no system takes', () => 'a\0b'],
    ['a path in which no folder can be made', () => '/proc/sessions'],
    ['a path below one in which no folder can be made', () => '/proc/none/sessions'],
  ])('refuses %s by a sentence with the option and the cure', async (_, path) => {
    await adapter.create(KEY, 'data', 60);
    const opening = new FileAdapter({ path: path() }).open();
    await expect(opening).rejects.toThrow(InvalidSessionOptionsException);
    await expect(opening).rejects.toThrow(/option path/);
  });

  it('refuses a folder into which others may write, and leaves it as it is', async () => {
    await chmod(folder, 0o777);
    const opening = new FileAdapter({ path: folder }).open();
    await expect(opening).rejects.toThrow(InvalidSessionOptionsException);
    await expect(opening).rejects.toThrow(/chmod 700/);
    expect((await stat(folder)).mode & 0o777).toBe(0o777);
  });

  it('can be opened after it was refused', async () => {
    const path = join(parent, 'later/sessions');
    await writeFile(join(parent, 'later'), '');
    const later = new FileAdapter({ path });
    await expect(later.open()).rejects.toThrow(InvalidSessionOptionsException);
    await rm(join(parent, 'later'));
    await later.open();
    expect(await later.create(KEY, 'data', 60)).toBe(true);
  });

  it('R23 R25 rejects while the folder is gone, and goes on when it is back', async () => {
    await adapter.create(KEY, 'data', 60);
    await rename(folder, `${folder}.away`);
    const calls = [
      () => adapter.read(KEY),
      () => adapter.create('sess:other', 'data', 60),
      () => adapter.update(KEY, 'data', 60, '1'),
      () => adapter.destroy(KEY),
      () => adapter.ping(),
      () => adapter.sweep(),
    ];
    for (const call of calls)
      await expect(call()).rejects.toThrow(SessionStoreUnavailableException);
    await rename(`${folder}.away`, folder);
    expect((await adapter.read(KEY))?.data).toBe('data');
  });

  it('R25 rejects what cannot be read, and says neither key nor file', async () => {
    await mkdir(fileOf(KEY));
    const error = await adapter.read(KEY).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SessionStoreUnavailableException);
    const { message, stack, cause } = error as Error;
    const told = [message, stack, String(cause), (cause as Error).stack, JSON.stringify(cause)];
    expect(told.join('\n')).not.toMatch(/[0-9a-f]{64}|sess:key/);
    expect(cause).toMatchObject({ code: 'EISDIR' });
  });
});

describe('FileAdapter: damaged files', () => {
  const damages: [string, (path: string) => Promise<unknown>][] = [
    ['cut off', (path) => truncate(path, 120)],
    ['empty', (path) => truncate(path, 0)],
    ['changed', async (path) => writeFile(path, (await text(path)).replace('data', 'dada'))],
    [
      'with another version',
      async (path) => writeFile(path, (await text(path)).replace(/^(nsb1 ).{4}/, '$1abcd')),
    ],
    [
      'with a later end',
      async (path) => writeFile(path, (await text(path)).replace(/ \d(?=\d+\.)/, ' 9')),
    ],
    ['of another program', (path) => writeFile(path, 'a:1:{s:4:"name";}')],
    ['copied from another key', (path) => copyFile(fileOf('sess:other'), path)],
  ];

  it.each(damages)('R24 does not read a file %s, nor replace it', async (_, damage) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    await adapter.create('sess:other', 'data of the other session, long enough', 60);
    await adapter.create(KEY, 'data of this session, long enough to be cut', 60);
    const { version = '' } = (await adapter.read(KEY)) ?? {};
    await damage(fileOf(KEY));
    const before = await readFile(fileOf(KEY));

    expect(await adapter.read(KEY, 60)).toBeUndefined();
    expect(await adapter.create(KEY, 'new', 60)).toBe(false);
    expect(await adapter.update(KEY, 'new', 60, version)).toBe(false);
    expect(await adapter.sweep()).toBe(0);
    expect(await readFile(fileOf(KEY))).toEqual(before);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(String(warn.mock.calls[0])).not.toMatch(/sess:|[0-9a-f]{64}|session,/);

    await adapter.destroy(KEY);
    expect(await adapter.create(KEY, 'new', 60)).toBe(true);
  });
});

describe('FileAdapter: time', () => {
  let now: number;
  beforeEach(() => {
    now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
  });

  it('R22 ends a life to the millisecond', async () => {
    await adapter.create(KEY, 'data', 10);
    now += 9_999;
    expect((await adapter.read(KEY))?.data).toBe('data');
    now += 1;
    expect(await adapter.read(KEY, 10)).toBeUndefined();
    expect(await adapter.create(KEY, 'new', 10)).toBe(true);
  });

  it('R22 writes to extend a life only when a tenth of it has passed, and not the data', async () => {
    await adapter.create(KEY, 'data', 100);
    const [created, { ino }] = [await readFile(fileOf(KEY)), await stat(fileOf(KEY))];
    now += 10_000;
    await adapter.read(KEY, 100);
    expect(await readFile(fileOf(KEY))).toEqual(created);
    now += 1;
    await adapter.read(KEY, 100);
    expect(await readFile(fileOf(KEY))).not.toEqual(created);
    expect((await stat(fileOf(KEY))).ino).toBe(ino);
    now += 99_999;
    expect((await adapter.read(KEY))?.data).toBe('data');
    now += 1;
    expect(await adapter.read(KEY)).toBeUndefined();
  });

  it('R22 shortens a life by a read, too', async () => {
    await adapter.create(KEY, 'data', 100);
    await adapter.read(KEY, 10);
    now += 10_000;
    expect(await adapter.read(KEY)).toBeUndefined();
  });

  it('sweeps what has expired and what writers left, and no other files', async () => {
    const name = 'a'.repeat(64);
    const foreign = ['notes.txt', 'other.session', `${name}.tmp`, `${name}.x.lock`];
    const own = [`${name}.${'t'.repeat(22)}.tmp`];
    for (const file of [...foreign, ...own]) await writeFile(join(folder, file), '');
    await adapter.create('sess:first', 'data', 1);
    await adapter.create('sess:second', 'data', 1);
    await adapter.create(KEY, 'data', 2);
    now += 1_000;
    expect(await adapter.sweep()).toBe(2);
    const left = [...foreign, fileOf(KEY).slice(folder.length + 1)];
    expect((await readdir(folder)).toSorted()).toEqual(left.toSorted());
  });

  it('sweeps on after a file that cannot be read, and then says so', async () => {
    // Not readable and not removable for anybody, wherever the list begins.
    for (const key of ['a', 'b', 'c']) await mkdir(fileOf(key));
    await Promise.all(['d', 'e', 'f', 'g'].map((key) => adapter.create(key, 'data', 1)));
    now += 1_000;
    await expect(adapter.sweep()).rejects.toThrow(SessionStoreUnavailableException);
    expect((await readdir(folder)).toSorted()).toEqual(
      ['a', 'b', 'c'].map((key) => basename(fileOf(key))).toSorted(),
    );
  });
});

function fileOf(key: string, path = folder): string {
  return join(path, `${createHash('sha256').update(key).digest('hex')}.session`);
}

function text(path: string): Promise<string> {
  return readFile(path, 'utf8');
}
