import type { RequestSession } from 'nestjs-session-bag';
import { describe, expect, test } from 'tstyche';

declare const session: RequestSession;
declare const user: RequestSession<{ name: string }>;
declare const any: RequestSession<Record<string, unknown>>;

describe('RequestSession', () => {
  test('has the variables of SessionData, or others, as properties', () => {
    expect(session.visits).type.toBe<number | undefined>();
    expect(user.name).type.toBe<string | undefined>();
    expect(any['whatever']).type.toBe<unknown>();
    user.name = 'Kimbra';
    delete user.name;
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    session.visits = 'one';
    expect(user).type.not.toHaveProperty('visits');
  });

  test('has methods with callbacks and with promises', () => {
    const done = (): void => undefined;
    expect(session.regenerate()).type.toBe<Promise<void>>();
    expect(session.destroy()).type.toBe<Promise<void>>();
    expect(session.reload()).type.toBe<Promise<void>>();
    expect(session.save()).type.toBe<Promise<void>>();
    expect(session.save(done)).type.toBe<RequestSession>();
    expect(session.touch()).type.toBe<RequestSession>();
    expect(session.save).type.toBeCallableWith((error?: Error) => error?.message);
    expect(session.save).type.not.toBeCallableWith('now');
  });

  test('has the id and the cookie', () => {
    expect(session.id).type.toBe<string>();
    expect(session.cookie.maxAge).type.toBe<number | null>();
    session.cookie.maxAge = 60_000;
    // @ts-expect-error Cannot assign to 'id'
    session.id = 'x';
    // @ts-expect-error Cannot assign to 'httpOnly'
    session.cookie.httpOnly = false;
  });
});
