import connectPgSimple from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import type { ExpressStore } from 'nestjs-session-bag/express-session';
import createFileStore from 'session-file-store';
import { describe, expect, test } from 'tstyche';

const PgStore = connectPgSimple(session);
const FileStore = createFileStore(session);

describe('ExpressStore', () => {
  test('fits stores of express-session', () => {
    expect<session.SessionData>().type.not.toHaveProperty('userId');
    expect<session.MemoryStore>().type.toBeAssignableTo<ExpressStore>();
    expect<RedisStore>().type.toBeAssignableTo<ExpressStore>();
    expect<InstanceType<typeof PgStore>>().type.toBeAssignableTo<ExpressStore>();
    expect<InstanceType<typeof FileStore>>().type.toBeAssignableTo<ExpressStore>();
    expect<session.Store>().type.toBeAssignableTo<ExpressStore>();
  });
});
