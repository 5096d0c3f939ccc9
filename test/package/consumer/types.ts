import { SessionModule, type Bag, type SessionService } from 'nestjs-session-bag';

SessionModule.forRoot();
SessionModule.forRoot({ adapter: 'redis', host: '127.0.0.1', port: 6379 });
// @ts-expect-error an option that the adapter does not have
SessionModule.forRoot({ adapter: 'memory', host: '127.0.0.1' });

export function useSession(session: SessionService, user: Bag<{ age: number }>): number {
  user.age = 22;
  // @ts-expect-error a value of another type
  user.age = 'twenty-two';
  // @ts-expect-error a variable may be absent
  const age: number = user.age;
  return session.get('visits', age);
}
