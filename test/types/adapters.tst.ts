import { SessionAdapter, type SessionModuleOptions } from 'nestjs-session-bag';
import { DatabaseAdapter } from 'nestjs-session-bag/adapters/database';
import { FileAdapter } from 'nestjs-session-bag/adapters/file';
import { MemcachedAdapter } from 'nestjs-session-bag/adapters/memcached';
import { MemoryAdapter } from 'nestjs-session-bag/adapters/memory';
import { NoopAdapter } from 'nestjs-session-bag/adapters/noop';
import { RedisAdapter } from 'nestjs-session-bag/adapters/redis';
import { describe, expect, test } from 'tstyche';

type Contract = Pick<SessionAdapter, 'read' | 'create' | 'update' | 'destroy'>;
type FourOf<Adapter extends Contract> = Pick<Adapter, keyof Contract>;

describe('an adapter of the package', () => {
  test('has the four methods just as the contract has them', () => {
    expect<FourOf<MemoryAdapter>>().type.toBe<Contract>();
    expect<FourOf<FileAdapter>>().type.toBe<Contract>();
    expect<FourOf<MemcachedAdapter>>().type.toBe<Contract>();
    expect<FourOf<RedisAdapter>>().type.toBe<Contract>();
    expect<FourOf<DatabaseAdapter>>().type.toBe<Contract>();
    expect<FourOf<NoopAdapter>>().type.toBe<Contract>();
  });

  test('can be extended, and be the option', () => {
    class Watched extends NoopAdapter {
      override async create(key: string, data: string, ttl: number): Promise<boolean> {
        return super.create(key, data, ttl);
      }
    }
    expect<{ adapter: Watched }>().type.toBeAssignableTo<SessionModuleOptions>();
    expect<Watched>().type.toBeAssignableTo<SessionAdapter>();
  });
});
