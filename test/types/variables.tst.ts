import type { Bag, SessionData, SessionFlash, SessionService } from 'nestjs-session-bag';
import { describe, expect, test } from 'tstyche';

/** As an application does it. */
declare module 'nestjs-session-bag' {
  interface SessionData {
    visits: number;
    cart: { items: string[] };
    nickname?: string;
    order?: { paid: boolean };
  }
}

declare const session: SessionService;

describe('SessionData', () => {
  test('is what the application makes of it', () => {
    expect<keyof SessionData>().type.toBe<'visits' | 'cart' | 'nickname' | 'order'>();
  });
});

describe('get()', () => {
  test('of a named variable has its type, or is undefined', () => {
    expect(session.get('visits')).type.toBe<number | undefined>();
    expect(session.get('cart')).type.toBe<{ items: string[] } | undefined>();
    expect(session.get('nickname')).type.toBe<string | undefined>();
  });

  test('with a fallback is never undefined', () => {
    expect(session.get('visits', 0)).type.toBe<number>();
    expect(session.get('nickname', 'nobody')).type.toBe<string>();
    expect(session.get('visits', null)).type.toBe<number | null>();
    expect(session.get('visits', 'none' as const)).type.toBe<number | 'none'>();
  });

  test('of another variable is unknown until its type is said', () => {
    expect(session.get('other')).type.toBe<unknown>();
    expect(session.get<Date>('other')).type.toBe<Date | undefined>();
    expect(session.get('other', 7)).type.toBe<number>();
    expect(session.get<Date>('other', new Date(0))).type.toBe<Date>();
    // @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'Date'
    session.get<Date>('other', 7);
  });

  test('takes a fallback for one value of its type, not for the type', () => {
    const theme = session.get('theme', 'light');
    expect(theme).type.toBe<string>();
    const answers = session.get('answers', 0);
    expect(answers === 42).type.toBe<boolean>();
    const mode: 'a' | 'b' = session.get<'a' | 'b'>('mode', 'a');
    expect(session.get('mode', mode)).type.toBe<'a' | 'b'>();
  });

  test('takes a name that is known at run time only', () => {
    expect(session.get('other' as string)).type.toBe<unknown>();
    expect(session.get).type.not.toBeCallableWith(7);
    expect(session.get).type.not.toBeCallableWith();
  });
});

describe('pull()', () => {
  test('has the types of get()', () => {
    expect(session.pull('visits')).type.toBe<number | undefined>();
    expect(session.pull('visits', 0)).type.toBe<number>();
    expect(session.pull('other')).type.toBe<unknown>();
    expect(session.pull<Date>('other')).type.toBe<Date | undefined>();
    expect(session.pull('other', 'none')).type.toBe<string>();
  });
});

describe('set()', () => {
  test('takes the type of a named variable, and undefined, which removes it', () => {
    expect(session.set).type.toBeCallableWith('visits', 1);
    expect(session.set).type.toBeCallableWith('visits', undefined);
    expect(session.set).type.toBeCallableWith('cart', { items: ['book'] });
    expect(session.set).type.not.toBeCallableWith('visits', 'one');
    expect(session.set).type.not.toBeCallableWith('visits', null);
    expect(session.set).type.not.toBeCallableWith('cart', { items: [7] });
    expect(session.set).type.not.toBeCallableWith('visits');
  });

  test('takes anything under another name', () => {
    expect(session.set).type.toBeCallableWith('other', 'anything');
    expect(session.set).type.toBeCallableWith('other', null);
  });

  test('can be chained, as the other writers can', () => {
    expect(session.set('visits', 1)).type.toBe<SessionService>();
    expect(session.clear()).type.toBe<SessionService>();
    expect(session.setLifetime(60)).type.toBe<SessionService>();
    expect(session.remove('visits')).type.toBe<boolean>();
  });
});

describe('update()', () => {
  test('gives the function what is there, and resolves to what is stored', () => {
    const updated = session.update('visits', (visits) => {
      expect(visits).type.toBe<number | undefined>();
      return (visits ?? 0) + 1;
    });
    expect(updated).type.toBe<Promise<number | undefined>>();
  });

  test('has the function give a value of the type, synchronously', () => {
    expect(session.update).type.toBeCallableWith('visits', () => undefined);
    expect(session.update).type.not.toBeCallableWith('visits', () => 'one');
    expect(session.update).type.not.toBeCallableWith('visits', async () => 1);
    expect(session.update).type.not.toBeCallableWith('visits', (visits: string) => visits);
  });

  test('takes the type of another variable', () => {
    const updated = session.update<number>('other', (n = 0) => n + 1);
    expect(updated).type.toBe<Promise<number | undefined>>();
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    void session.update<number>('other', () => 'one');
  });
});

describe('the session itself', () => {
  test('says what may be missing', () => {
    expect(session.owner).type.toBe<string | undefined>();
    expect(session.loggedInAt).type.toBe<Date | undefined>();
    expect(session.createdAt).type.toBe<Date | undefined>();
    expect(session.id).type.toBe<string>();
    expect(session.isNew).type.toBe<boolean>();
    expect(session.size).type.toBe<number>();
    expect(session.keys()).type.toBe<string[]>();
    expect(session.toJSON()).type.toBe<Record<string, unknown>>();
  });

  test('cannot be assigned to', () => {
    // @ts-expect-error Cannot assign to 'id'
    session.id = 'x';
    // @ts-expect-error Cannot assign to 'owner'
    session.owner = 'kimbra';
    // @ts-expect-error Property 'visits' does not exist
    session.visits = 1;
  });

  test('starts, logs in and ends asynchronously', () => {
    expect(session.start()).type.toBe<Promise<SessionService>>();
    expect(session.login('kimbra')).type.toBe<Promise<void>>();
    expect(session.login).type.toBeCallableWith('kimbra', {
      drop: ['cart'],
      info: { on: 'phone' },
    });
    expect(session.login).type.not.toBeCallableWith('kimbra', { info: { n: 1 } });
    expect(session.login).type.not.toBeCallableWith(7);
    expect(session.login).type.not.toBeCallableWith();
    expect(session.logout()).type.toBe<Promise<void>>();
    expect(session.regenerateId(false)).type.toBe<Promise<void>>();
    expect(session.setLifetime).type.not.toBeCallableWith('60');
  });

  test('has bags of the type that is asked for', () => {
    expect(session.bag('user')).type.toBe<Bag>();
    expect(session.bag<{ name: string }>('user')).type.toBe<Bag<{ name: string }>>();
    const user: Bag<{ name: string }> = session.bag('user');
    expect(user.name).type.toBe<string | undefined>();
    class Checkout {}
    expect(session.persistent<{ step: number }>(Checkout)).type.toBe<Bag<{ step: number }>>();
    expect(session.persistent).type.toBeCallableWith('Checkout');
    expect(session.persistent).type.not.toBeCallableWith(new Checkout());
  });
});

describe('bag()', () => {
  test('of a named variable has its type', () => {
    expect(session.bag('cart')).type.toBe<Bag<{ items: string[] }>>();
    expect(session.bag('order')).type.toBe<Bag<{ paid: boolean }>>();
    session.bag('cart').items = ['book'];
    // @ts-expect-error Type 'number' is not assignable to type 'string[]'
    session.bag('cart').items = 7;
    // @ts-expect-error Property 'color' does not exist
    session.bag('cart').color = 'red';
  });

  test('has another type where one is asked for', () => {
    expect(session.bag<{ n: number }>('cart')).type.toBe<Bag<{ n: number }>>();
    expect(session.bag('cart' as string)).type.toBe<Bag>();
    expect(session.bag('visits')).type.toBe<Bag>();
  });
});

describe('flash', () => {
  const { flash } = session;

  test('takes texts, and a type of its own', () => {
    expect(flash.success('Saved.').notice('a').warning('b').error('c')).type.toBe<SessionFlash>();
    expect(flash.message).type.toBeCallableWith('text');
    expect(flash.message).type.toBeCallableWith('debug', 'text');
    expect(flash.success).type.not.toBeCallableWith(7);
    expect(flash.success).type.not.toBeCallableWith();
    expect(flash.message).type.not.toBeCallableWith('debug', 7);
  });

  test('gives texts of one type, or of all by type', () => {
    expect(flash.messages('error')).type.toBe<string[]>();
    expect(flash.messages('error', false)).type.toBe<string[]>();
    expect(flash.messages()).type.toBe<Record<string, string[]>>();
    expect(flash.messages(null, false)).type.toBe<Record<string, string[]>>();
    expect(flash.messages).type.not.toBeCallableWith(false);
    expect(flash.has('error')).type.toBe<boolean>();
  });
});
