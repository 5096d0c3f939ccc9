import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import {
  type ExpressStore,
  type ExpressStoreSession,
  fromConnectSid,
  fromExpressStore,
} from 'nestjs-session-bag/express-session';
import createFileStore from 'session-file-store';
import { describe, expect, test } from 'tstyche';

/** As an application does it; in a folder of its own, for the other tests to be without it. */
declare module 'express-session' {
  interface SessionData {
    userId: string;
  }
}

const PgStore = connectPgSimple(session);
const FileStore = createFileStore(session);

describe('where the application has a required field in its SessionData', () => {
  test('stores of express-session are taken', () => {
    expect<session.SessionData>().type.toHaveProperty('userId');
    expect<session.MemoryStore>().type.toBeAssignableTo<ExpressStore>();
    expect<RedisStore>().type.toBeAssignableTo<ExpressStore>();
    expect<InstanceType<typeof PgStore>>().type.toBeAssignableTo<ExpressStore>();
    expect<InstanceType<typeof FileStore>>().type.toBeAssignableTo<ExpressStore>();
    expect<session.Store>().type.toBeAssignableTo<ExpressStore>();
    expect(fromExpressStore).type.toBeCallableWith(new session.MemoryStore());
    expect(fromConnectSid).type.toBeCallableWith({
      store: new session.MemoryStore(),
      secret: 'keyboard cat',
    });
  });
});

describe('ExpressStore', () => {
  test('is whatever has the methods', () => {
    interface OwnStore {
      get(sid: string, callback: (error: unknown, session?: unknown) => void): void;
      set(sid: string, session: ExpressStoreSession, callback: () => void): void;
      destroy(sid: string, callback: () => void): void;
    }
    expect<OwnStore>().type.toBeAssignableTo<ExpressStore>();
    expect<Omit<OwnStore, 'set'>>().type.not.toBeAssignableTo<ExpressStore>();
    expect<typeof session.MemoryStore>().type.not.toBeAssignableTo<ExpressStore>();
    expect(fromExpressStore).type.not.toBeCallableWith('redis');
  });
});
