import { beforeEach, describe, expect, it } from '@jest/globals';
import { SessionNotStartedException, type SessionService } from 'nestjs-session-bag';
import { CountingAdapter } from './support/counting-adapter.js';
import { UnitSessions } from './support/unit-session.js';

let adapter: CountingAdapter;
let sessions: UnitSessions;
let session: SessionService;

beforeEach(async () => {
  adapter = new CountingAdapter();
  sessions = new UnitSessions(adapter);
  session = await sessions.open();
});

describe('session.flash', () => {
  it('has a method for each type of Phalcon, and message() for all others', () => {
    session.flash.success('a').notice('b').warning('c').error('d');
    session.flash.message('e').message('success', 'f').message('debug', 'g');
    expect(session.flash.messages()).toEqual({
      success: ['a', 'f'],
      notice: ['b'],
      warning: ['c'],
      error: ['d'],
      message: ['e'],
      debug: ['g'],
    });
  });

  it('gives each message once', () => {
    session.flash.success('Saved.');
    expect(session.flash.messages()).toEqual({ success: ['Saved.'] });
    expect(session.flash.messages()).toEqual({});
    expect(session.size).toBe(0);
  });

  it('gives the messages of one type in their order, and leaves the others', () => {
    for (let n = 0; n < 30; n++) session.flash.error(`error ${n}`).notice(`notice ${n}`);
    const errors = Array.from({ length: 30 }, (_, n) => `error ${n}`);
    expect(session.flash.messages('error')).toEqual(errors);
    expect(session.flash.messages('error')).toEqual([]);
    expect(session.flash.messages('notice')).toHaveLength(30);
  });

  it.each([[undefined], [null]])('looks without removing, by (%s, false)', (all) => {
    session.flash.success('Saved.').error('Failed.');
    expect(session.flash.messages('error', false)).toEqual(['Failed.']);
    expect(session.flash.messages(all, false)).toEqual({ success: ['Saved.'], error: ['Failed.'] });
    expect(session.flash.messages()).toEqual({ success: ['Saved.'], error: ['Failed.'] });
  });

  it('tells whether there are messages, and does not remove them', () => {
    expect([session.flash.has(), session.flash.has('error')]).toEqual([false, false]);
    session.flash.error('Failed.');
    expect([session.flash.has(), session.flash.has(null)]).toEqual([true, true]);
    expect([session.flash.has('error'), session.flash.has('success')]).toEqual([true, false]);
    expect(session.flash.messages('error')).toEqual(['Failed.']);
  });

  it('clear() removes all messages and nothing else', () => {
    session.set('theme', 'dark').flash.success('Saved.').error('Failed.');
    session.flash.clear();
    expect(session.flash.has()).toBe(false);
    expect(session.toJSON()).toEqual({ theme: 'dark' });
  });

  it.each(['__proto__', 'constructor', 'toString'])('R7 takes the type %s as any other', (type) => {
    expect(session.flash.has(type)).toBe(false);
    session.flash.message(type, 'text');
    expect(Object.entries(session.flash.messages(null, false))).toEqual([[type, ['text']]]);
    expect(session.flash.messages(type)).toEqual(['text']);
  });

  it('refuses what is no text, and a type without a name', () => {
    const { flash } = session;
    expect(() => flash.success(7 as never)).toThrow(TypeError);
    expect(() => flash.message('error', undefined as never)).toThrow('is a string');
    expect(() => flash.message('', 'text')).toThrow(TypeError);
    expect(() => flash.messages('')).toThrow(TypeError);
    expect(() => flash.has(7 as never)).toThrow(TypeError);
    expect(session.size).toBe(0);
  });

  it('R3 throws before start', () => {
    const { flash } = sessions.request();
    expect(() => flash.success('Saved.')).toThrow(SessionNotStartedException);
    expect(() => flash.has()).toThrow(SessionNotStartedException);
    expect(() => flash.messages()).toThrow(SessionNotStartedException);
    expect(() => flash.clear()).toThrow(SessionNotStartedException);
  });

  it('is plain data in one variable, which another program may have filled with other things', () => {
    session.flash.success('Saved.');
    const stored = session.get<Record<string, unknown>>('flash:messages') ?? {};
    expect(Object.values(stored)).toEqual([{ type: 'success', text: 'Saved.' }]);
    expect(session.keys()).toEqual(['flash:messages']);
    session.bag('flash:messages').set('other', 'text').set('another', { type: 1, text: 'text' });
    expect(session.flash.messages()).toEqual({ success: ['Saved.'] });
  });

  it('looking for messages where there are none changes nothing', async () => {
    const { id } = await sessions.stored();
    adapter.reset();
    const next = await sessions.open(id);
    expect([next.flash.has(), next.flash.messages(), next.flash.messages('error')]).toEqual([
      false,
      {},
      [],
    ]);
    await next.save();
    expect(adapter.calls.map(({ method }) => method)).toEqual(['read']);
  });
});

describe('session.flash in parallel requests', () => {
  let id: string;
  beforeEach(async () => {
    ({ id } = await sessions.stored());
  });

  it('R11 keeps what each of them adds, in the order of their commits', async () => {
    const requests = await Promise.all(Array.from({ length: 20 }, () => sessions.open(id)));
    requests.forEach(({ flash }, n) => flash.notice(`first ${n}`).notice(`second ${n}`));
    await Promise.all(requests.map((request) => request.save()));
    const expected = requests.flatMap((_, n) => [`first ${n}`, `second ${n}`]);
    expect((await sessions.open(id)).flash.messages('notice')).toEqual(expected);
  });

  it('R11 shows only what it has seen, and leaves what comes meanwhile', async () => {
    const first = await sessions.open(id);
    first.flash.success('seen');
    await first.save();

    const [showing, adding] = await Promise.all([sessions.open(id), sessions.open(id)]);
    adding.flash.success('unseen');
    await adding.save();
    expect(showing.flash.messages('success')).toEqual(['seen']);
    await showing.save();
    expect((await sessions.open(id)).flash.messages('success')).toEqual(['unseen']);
  });

  it('keeps what is added after a message was shown in the same request', async () => {
    session = await sessions.open(id);
    session.flash.success('shown');
    expect(session.flash.messages('success')).toEqual(['shown']);
    session.flash.success('next');
    await session.save();
    expect((await sessions.open(id)).flash.messages('success')).toEqual(['next']);
  });
});
