import { SessionModule, type Bag, type SessionService } from 'nestjs-session-bag';
// All that needs no package beside Nest: their types stand without one, too.
export * from 'nestjs-session-bag/adapters/cookie';
export * from 'nestjs-session-bag/adapters/database';
export * from 'nestjs-session-bag/adapters/file';
export * from 'nestjs-session-bag/adapters/memcached';
export * from 'nestjs-session-bag/adapters/memory';
export * from 'nestjs-session-bag/adapters/migrating';
export * from 'nestjs-session-bag/adapters/noop';
export * from 'nestjs-session-bag/adapters/redis';
export * from 'nestjs-session-bag/express-session';
export * from 'nestjs-session-bag/inspector';
export * from 'nestjs-session-bag/testing';

declare module 'nestjs-session-bag' {
  interface SessionData {
    visits: number;
  }
}

SessionModule.forRoot();
SessionModule.forRoot({ adapter: 'redis', host: '127.0.0.1', port: 6379 });
// @ts-expect-error an option that the adapter does not have
SessionModule.forRoot({ adapter: 'memory', host: '127.0.0.1' });
// @ts-expect-error an option that the default adapter does not have
SessionModule.forRoot({ host: '127.0.0.1', lifetime: 60 });
SessionModule.forRootAsync({
  inject: ['HOST'],
  useFactory: (host: string) => ({ adapter: 'redis', host }),
});
// @ts-expect-error an option that the adapter does not have
SessionModule.forRootAsync({ useFactory: () => ({ adapter: 'file', host: '127.0.0.1' }) });
// @ts-expect-error an option that the default adapter does not have
SessionModule.forRootAsync({ useFactory: async () => ({ host: '127.0.0.1', lifetime: 60 }) });

export function useBag(session: SessionService, user: Bag<{ age: number }>): number {
  user.age = 22;
  // @ts-expect-error a value of another type
  user.age = 'twenty-two';
  // @ts-expect-error a variable may be absent
  const age: number = user.age;
  return session.get('age', age);
}

export async function useSession(session: SessionService): Promise<number> {
  session.set('visits', 1).set('other', 'anything');
  // @ts-expect-error a value of another type
  session.set('visits', 'one');
  // @ts-expect-error a value of another type
  await session.update('visits', () => 'one');
  await session.update('visits', (visits = 0) => visits + 1);
  await session.update<number>('other', (other = 0) => other + 1);
  // @ts-expect-error a variable may be absent
  const visits: number = session.get('visits');
  return session.get('visits', visits);
}
