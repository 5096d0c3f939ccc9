import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, jest } from '@jest/globals';
import { SessionSerializationException } from '../../lib/exceptions/session.exceptions.js';
import { UnreadableRecordError } from '../../lib/record/frame.js';
import {
  parseRecord,
  type Replaced,
  serializeRecord,
  type SessionRecord,
} from '../../lib/record/record.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const KEY = 'sess:key';
const record: SessionRecord = {
  createdAt: 1_700_000_000_000,
  owner: 'kimbra',
  loggedInAt: 1_700_000_001_000,
  lifetime: 60,
  writes: 'abcdefghijkl0lxyz1234',
  variables: new Map<string, unknown>([
    ['name', 'Kimbra'],
    ['at', new Date(0)],
    ['__proto__', { polluted: true }],
  ]),
};

describe('the record', () => {
  it('comes back with everything in it', () => {
    expect(parseRecord(KEY, serializeRecord(KEY, record))).toEqual(record);
  });

  it('takes no more memory than its text, though it is put together of many', () => {
    collectGarbage();
    const { heapUsed: before } = process.memoryUsage();
    const texts = Array.from({ length: 10_000 }, (_, number) =>
      serializeRecord(`sess:${number}`, { ...record, createdAt: number }),
    );
    collectGarbage();
    const { heapUsed: after } = process.memoryUsage();
    const characters = texts.reduce((sum, { length }) => sum + length, 0);
    expect(after - before).toBeLessThan(1.2 * characters);
  });

  it('R8 is JSON that another program reads', () => {
    const { format, key, session } = JSON.parse(serializeRecord(KEY, record)) as {
      [part: string]: { variables?: unknown };
    };
    expect([format, key]).toEqual([1, KEY]);
    expect(session?.variables).toEqual(
      JSON.parse('{"name":"Kimbra","at":"1970-01-01T00:00:00.000Z","__proto__":{"polluted":true}}'),
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('R24 is refused when a single character of it has changed', () => {
    const data = serializeRecord(KEY, record);
    for (let at = 0; at < data.length; at++) {
      const changed = data.slice(0, at) + (data[at] === 'x' ? 'y' : 'x') + data.slice(at + 1);
      expect(() => parseRecord(KEY, changed)).toThrow(UnreadableRecordError);
    }
  });

  it('R24 is refused when it was cut off anywhere', () => {
    const data = serializeRecord(KEY, record);
    for (let length = 0; length < data.length; length++) {
      expect(() => parseRecord(KEY, data.slice(0, length))).toThrow(UnreadableRecordError);
    }
    expect(() => parseRecord(KEY, `${data} `)).toThrow(UnreadableRecordError);
  });

  it('R24 is refused under another key', () => {
    const data = serializeRecord(KEY, record);
    expect(() => parseRecord('sess:yek', data)).toThrow(UnreadableRecordError);
    expect(() => parseRecord('sess:yek', data.replace(KEY, 'sess:yek'))).toThrow(
      UnreadableRecordError,
    );
  });

  it.each(['', '{}', 'null', '[]', '{"format":2}', 'a:1:{s:1:"a";}'])(
    'R24 is refused when it is foreign: %j',
    (data) => expect(() => parseRecord(KEY, data)).toThrow(UnreadableRecordError),
  );

  it('tells the mark of an exchanged id from a session', () => {
    const mark: Replaced = { replacedBy: 'abcdefghijkl' };
    expect(parseRecord(KEY, serializeRecord(KEY, mark))).toEqual(mark);
  });
});

describe('the serializer of the options', () => {
  const serializer = {
    serialize: (variables: Record<string, unknown>) => Object.keys(variables).join(),
    deserialize: (text: string) => Object.fromEntries(text.split(',').map((name) => [name, name])),
  };

  it('is called once for each record, with all variables', () => {
    const serialize = jest.spyOn(serializer, 'serialize');
    const deserialize = jest.spyOn(serializer, 'deserialize');
    const { variables } = parseRecord(
      KEY,
      serializeRecord(KEY, record, serializer),
      serializer,
    ) as SessionRecord;
    expect([...variables]).toEqual([
      ['name', 'name'],
      ['at', 'at'],
      ['__proto__', '__proto__'],
    ]);
    expect([serialize, deserialize].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it('refuses to store what it cannot say', () => {
    const cause = new TypeError('Kimbra is no number');
    const failing = {
      ...serializer,
      serialize: () => {
        throw cause;
      },
    };
    expect(() => serializeRecord(KEY, record, failing)).toThrow(
      expect.objectContaining({ cause, message: expect.not.stringContaining('Kimbra') }),
    );
    const wrong = { ...serializer, serialize: () => Buffer.of(1) as unknown as string };
    expect(() => serializeRecord(KEY, record, wrong)).toThrow(SessionSerializationException);
    expect(() => serializeRecord(KEY, record, wrong)).toThrow('must return a string');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['gives no object', () => null as never],
    ['gives an array', () => [] as never],
  ])('R24 makes a record unreadable when it %s', (_, deserialize) => {
    const data = serializeRecord(KEY, record, serializer);
    expect(() => parseRecord(KEY, data, { ...serializer, deserialize })).toThrow(
      UnreadableRecordError,
    );
  });

  it('R24 makes records of an application without it unreadable, and reads older ones', () => {
    const own = serializeRecord(KEY, record, serializer);
    expect(() => parseRecord(KEY, own)).toThrow(UnreadableRecordError);
    const builtIn = serializeRecord(KEY, record);
    expect(parseRecord(KEY, builtIn, serializer)).toEqual(record);
  });
});
