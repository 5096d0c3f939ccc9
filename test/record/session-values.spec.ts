import { describe, expect, it } from '@jest/globals';
import { SessionConflictException } from '../../lib/exceptions/session.exceptions.js';
import type { Variables } from '../../lib/record/record.js';
import { SessionValues } from '../../lib/record/session-values.js';

type Entries = Record<string, unknown>;

const user = { name: 'user' };
const inUser = (property: string) => ({ name: 'user', property });

describe('R9 objects that were handed out', () => {
  it('are the same at every call', () => {
    const values = opened({ cart: { items: [1] }, user: { cart: { items: [1] } } });
    expect(values.get({ name: 'cart' })).toBe(values.get({ name: 'cart' }));
    expect(values.get(inUser('cart'))).toBe(values.get(inUser('cart')));
    expect(values.get(inUser('cart'))).toBe((values.get(user) as Entries)['cart']);
  });

  it('are stored when they were changed inside, at any depth', () => {
    const values = opened({ cart: { items: [{ n: 1 }] }, other: {} });
    const cart = values.get({ name: 'cart' }) as { items: Entries[] };
    expect(values.hasChanges()).toBe(false);
    cart.items[0] = { n: 2 };
    expect(values.hasChanges()).toBe(true);
    expect(replayed(values, { cart: {}, other: { newer: true } })).toEqual({
      cart: { items: [{ n: 2 }] },
      other: { newer: true },
    });
    expect(values.hasChanges()).toBe(false);
  });

  it('are alone compared: what nobody has read is not looked at', () => {
    const looked: string[] = [];
    const watched = (name: string) =>
      Object.defineProperty({}, 'inner', { enumerable: true, get: () => looked.push(name) });
    const values = opened({ read: watched('read'), unread: watched('unread') });
    values.get({ name: 'read' });
    values.hasChanges();
    values.take();
    expect(new Set(looked)).toEqual(new Set(['read']));
  });

  it('are no change when they look the same again', () => {
    const values = opened({ list: [1, 2] });
    const list = values.get({ name: 'list' }) as number[];
    list.push(3);
    list.pop();
    expect(values.hasChanges()).toBe(false);
  });

  it('are stored although a plain comparison sees no difference', () => {
    const values = opened({ list: [null, 0] });
    const list = values.get({ name: 'list' }) as unknown[];
    list[0] = undefined;
    list[1] = -0;
    expect(replayed(values, {})).toEqual({ list: [undefined, -0] });
  });

  it('count as changed when something that cannot be stored was put in', () => {
    const values = opened({ list: [] });
    (values.get({ name: 'list' }) as unknown[]).push(() => 1);
    expect(values.hasChanges()).toBe(true);
    expect(() => values.take()).toThrow('list[0] cannot be stored');
    (values.get({ name: 'list' }) as unknown[]).pop();
    expect(values.hasChanges()).toBe(false);
  });

  it('are no part of the session any more once they were removed', () => {
    const values = opened({ list: [1], user: { tags: ['a'] } });
    const list = values.get({ name: 'list' }) as number[];
    const bag = values.get(user) as Entries;
    values.remove({ name: 'list' });
    values.remove(inUser('tags'));
    list.push(2);
    bag['late'] = true;
    expect(replayed(values, { list: [1], user: { tags: ['a'] } })).toEqual({});
    expect(values.hasChanges()).toBe(false);
  });

  it('are told apart whatever they are called', () => {
    const values = opened({ '4.user.a': [1], user: { a: [2] }, 'user.a': [3] });
    const lists = [{ name: '4.user.a' }, inUser('a'), { name: 'user.a' }].map(
      (unit) => values.get(unit) as number[],
    );
    lists.forEach((list) => list.push(9));
    expect(replayed(values, {})).toEqual({
      '4.user.a': [1, 9],
      user: { a: [2, 9] },
      'user.a': [3, 9],
    });
  });

  it('of a bag and of the whole bag are one change, of that property', () => {
    const values = opened({ user: { tags: ['a'], name: 'K' } });
    const whole = values.get(user) as { tags: string[] };
    (values.get(inUser('tags')) as string[]).push('b');
    whole.tags.push('c');
    expect(replayed(values, { user: { tags: [], name: 'newer' } })).toEqual({
      user: { tags: ['a', 'b', 'c'], name: 'newer' },
    });
    // Taken is taken: another request may remove it, and nothing brings it back.
    expect(values.hasChanges()).toBe(false);
    values.set({ name: 'n' }, 1);
    expect(replayed(values, {})).toEqual({ n: 1 });
  });
});

describe('R11 the unit is a property of a bag', () => {
  it('also while the application holds the whole bag', () => {
    const values = opened({ user: { name: 'K', age: 22 } });
    values.get(user);
    values.set(inUser('age'), 23);
    expect(replayed(values, { user: { name: 'newer', age: 22 } })).toEqual({
      user: { name: 'newer', age: 23 },
    });
  });

  it.each<[string, (values: SessionValues) => void]>([
    ['before', (values) => void values.get(user)],
    [
      'and another of its properties',
      (values) => void [values.get(user), values.get(inUser('map'))],
    ],
  ])('also for what is changed inside, where the whole bag was read %s', (_, read) => {
    const values = opened({ user: { items: [1], name: 'K', map: {} } });
    read(values);
    (values.get(inUser('items')) as number[]).push(2);
    expect(replayed(values, { user: { items: [1], name: 'newer', map: { n: 1 } } })).toEqual({
      user: { items: [1, 2], name: 'newer', map: { n: 1 } },
    });
    expect(values.hasChanges()).toBe(false);
  });

  it('also for one that is set after another was changed inside', () => {
    const values = opened({ user: { items: [1], name: 'K', age: 1 } });
    values.get(user);
    (values.get(inUser('items')) as number[]).push(2);
    values.set(inUser('age'), 2);
    expect(replayed(values, { user: { items: [1], name: 'newer', age: 1 } })).toEqual({
      user: { items: [1, 2], name: 'newer', age: 2 },
    });
  });

  it.each<[string, (whole: Entries, items: unknown) => void]>([
    ['replaced', (whole) => void (whole['items'] = ['new'])],
    ['deleted', (whole) => void delete whole['items']],
    ['moved', (whole, items) => void Object.assign(whole, { items: [], old: items })],
  ])('except for a property that was changed inside and then %s in the whole', (_, change) => {
    const values = opened({ user: { items: ['a'], name: 'K' } });
    const whole = values.get(user) as Entries;
    const items = values.get(inUser('items')) as string[];
    items.push('b');
    change(whole, items);
    const seen = structuredClone(whole);
    expect(replayed(values, { user: { items: ['a'], name: 'K' } })).toEqual({ user: seen });
  });

  it('except for what was changed in the whole bag itself, and in a property as well', () => {
    const values = opened({ user: { items: [1], name: 'K' } });
    (values.get(user) as Entries)['name'] = 'L';
    (values.get(inUser('items')) as number[]).push(2);
    expect(replayed(values, { user: { items: [], name: 'newer', more: 1 } })).toEqual({
      user: { items: [1, 2], name: 'L' },
    });
  });

  it('except for what was changed in the whole bag itself', () => {
    const values = opened({ user: { name: 'K', age: 22 } });
    (values.get(user) as Entries)['name'] = 'L';
    values.set(inUser('age'), 23);
    expect(replayed(values, { user: { name: 'newer', more: 1 } })).toEqual({
      user: { name: 'L', age: 23 },
    });
  });

  it('also for an update while the application holds the whole bag', () => {
    const values = opened({ user: { name: 'K', visits: 1 } });
    values.get(user);
    values.adopt(inUser('visits'), 2);
    expect(values.hasChanges()).toBe(false);
    expect(values.get(user)).toEqual({ name: 'K', visits: 2 });
  });

  it('and a bag that another request made something else is a conflict', () => {
    const values = opened({});
    values.set(inUser('age'), 23);
    expect(() => replayed(values, { user: 'a string' })).toThrow(SessionConflictException);
  });

  it('and a removal of what is not there removes what is there at the commit', () => {
    const values = opened({});
    expect(values.remove(inUser('age'))).toBe(false);
    expect(values.remove({ name: 'n' })).toBe(false);
    expect(replayed(values, { user: { age: 1 }, n: 1, m: 2 })).toEqual({ m: 2 });
  });
});

describe('a bag whose object is frozen', () => {
  it.each<[string, object]>([
    ['frozen', Object.freeze({ name: 'K', age: 22 })],
    ['sealed', Object.seal({ name: 'K', age: 22 })],
    ['closed', Object.preventExtensions({ name: 'K', age: 22 })],
  ])('refuses every change of a property where it is %s, and loses none', (_, object) => {
    const values = opened({});
    values.set(user, object);
    expect(() => values.remove(inUser('age'))).toThrow('is frozen');
    expect(() => values.set(inUser('age'), 23)).toThrow(TypeError);
    expect(() => values.set(inUser('more'), 1)).toThrow(TypeError);
    expect([values.has(inUser('age')), values.has(inUser('more'))]).toEqual([true, false]);
    expect(replayed(values, { user: { old: 1 } })).toEqual({ user: { name: 'K', age: 22 } });
    values.adopt(inUser('age'), 23);
    expect(values.get(user)).toEqual({ name: 'K', age: 23 });
    values.clearBag('user');
    values.set(inUser('age'), 23);
    expect(replayed(values, { user: { old: 1 } })).toEqual({ user: { age: 23 } });
  });
});

describe('changes that the store did not take', () => {
  it('come before those that were made meanwhile', () => {
    const values = opened({ a: 1 });
    values.set({ name: 'a' }, 2);
    values.set(inUser('x'), 1);
    values.lifetime = 60;
    const taken = values.take();
    values.set({ name: 'a' }, 3);
    values.remove(inUser('x'));
    values.set(inUser('y'), 1);
    values.giveBack(taken);
    expect(values.lifetime).toBe(60);
    expect(replayed(values, { user: { x: 0, z: 0 } })).toEqual({ a: 3, user: { y: 1, z: 0 } });
  });

  it('are forgotten by a clear that was made meanwhile', () => {
    const values = opened({ a: 1 });
    values.set({ name: 'b' }, 1);
    values.set(inUser('x'), 1);
    const taken = values.take();
    values.clear();
    values.clearBag('user');
    values.set(inUser('y'), 1);
    values.giveBack(taken);
    expect(replayed(values, { a: 1, c: 1, user: { z: 1 } })).toEqual({ user: { y: 1 } });
  });
});

describe('a value that was stored by an update', () => {
  it('does not undo what was changed meanwhile', () => {
    const values = opened({ n: 1, user: { n: 1 } });
    values.set({ name: 'n' }, 'meanwhile');
    values.set(user, 'no bag any more');
    values.adopt({ name: 'n' }, 2);
    values.adopt(inUser('n'), 2);
    expect(replayed(values, {})).toEqual({ n: 'meanwhile', user: 'no bag any more' });
  });

  it('is watched from then on', () => {
    const values = opened({});
    values.adopt({ name: 'list' }, [1]);
    expect(values.hasChanges()).toBe(false);
    (values.get({ name: 'list' }) as number[]).push(2);
    expect(replayed(values, {})).toEqual({ list: [1, 2] });
  });

  it('is gone where the update removed it', () => {
    const values = opened({ n: 1, user: { n: 1 } });
    values.adopt({ name: 'n' }, undefined);
    values.adopt(inUser('n'), undefined);
    expect(values.isEmpty).toBe(true);
    expect(values.hasChanges()).toBe(false);
  });
});

describe('R10 an application with a scope', () => {
  it('names and clears its own variables only', () => {
    const values = new SessionValues('app#', variablesOf({ 'app#a': 1, 'other#a': 1, a: 1 }));
    expect(values.names()).toEqual(['app#a']);
    values.clear();
    expect(replayed(values, { 'app#b': 1, 'other#b': 1, app: 1 })).toEqual({
      'other#b': 1,
      app: 1,
    });
  });
});

function opened(entries: Entries): SessionValues {
  return new SessionValues('', variablesOf(entries), 'as read');
}

function variablesOf(entries: Entries): Variables {
  return new Map(Object.entries(entries));
}

/** What a commit makes of the newest record. */
function replayed(values: SessionValues, newest: Entries): Entries {
  const variables = variablesOf(newest);
  values.take().replay(variables);
  return Object.fromEntries(variables);
}
