import { type Bag, type BagMethods, Persistent, SessionBag } from 'nestjs-session-bag';
import { describe, expect, test } from 'tstyche';

interface User {
  name: string;
  age: number;
  nickname?: string;
  /** As a method of every bag is called. */
  size: 'small' | 'large';
}

declare const user: Bag<User>;
declare const any: Bag;

describe('a variable as a property', () => {
  test('has its type, or is undefined', () => {
    expect(user.name).type.toBe<string | undefined>();
    expect(user.age).type.toBe<number | undefined>();
    expect(user.nickname).type.toBe<string | undefined>();
  });

  test('takes values of its type, undefined and delete', () => {
    user.name = 'Kimbra';
    user.name = undefined;
    delete user.age;
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    user.age = 'twenty-two';
    // @ts-expect-error Type 'null' is not assignable to type 'string | undefined'
    user.name = null;
  });

  test('must be one', () => {
    expect(user).type.not.toHaveProperty('email');
    // @ts-expect-error Property 'email' does not exist
    user.email = 'kimbra@example.com';
  });

  test('comes after the methods', () => {
    expect(user.size).type.toBe<number>();
    // @ts-expect-error Cannot assign to 'size'
    user.size = 'small';
    expect(user.get('size')).type.toBe<'small' | 'large' | undefined>();
    expect(user.set).type.toBeCallableWith('size', 'small');
  });

  test('is unknown in a bag without a type', () => {
    expect(any['whatever']).type.toBe<unknown>();
    any['whatever'] = [1, 'two'];
    expect(any.get('whatever')).type.toBe<unknown>();
    expect(any.keys()).type.toBe<string[]>();
    expect(any.toJSON()).type.toBe<Partial<Record<string, unknown>>>();
  });
});

describe('a bag without a type', () => {
  test('takes types at its methods, as the session does', () => {
    expect(any.get<number>('count')).type.toBe<number | undefined>();
    expect(any.get<number>('count', 0)).type.toBe<number>();
    expect(any.get('count', 0)).type.toBe<number>();
    expect(any.pull<string>('note')).type.toBe<string | undefined>();
    expect(any.pull('note', '')).type.toBe<string>();
    expect(any.update<number>('count', (count) => (count ?? 0) + 1)).type.toBe<
      Promise<number | undefined>
    >();
    expect(any.update('count', (count: number | undefined) => (count ?? 0) + 1)).type.toBe<
      Promise<number | undefined>
    >();
    expect(any.update).type.toBeCallableWith('count', (count: unknown) => Number(count) + 1);
    expect(any.update).type.not.toBeCallableWith('count', (count?: number) => String(count));
  });

  test('a bag with types is not one, nor one whose variables are all of one type', () => {
    const counts = {} as Bag<Record<string, number>>;
    const anything = {} as Bag<Record<string, ReturnType<typeof JSON.parse>>>;
    const tags: readonly string[] = anything.get('tags');
    expect(tags).type.toBe<readonly string[]>();
    expect(anything.update).type.toBeCallableWith('count', (count: number) => count + 1);
    expect(counts.get('apples')).type.toBe<number | undefined>();
    expect(counts.update).type.not.toBeCallableWith('apples', (text?: string) => text);
    expect(user.update).type.not.toBeCallableWith('email', (email?: string) => email);
  });
});

describe('methods', () => {
  test('get() and pull() have the type, and with a fallback are never undefined', () => {
    expect(user.get('age')).type.toBe<number | undefined>();
    expect(user.get('age', 0)).type.toBe<number>();
    expect(user.get('nickname', 'none')).type.toBe<string>();
    expect(user.get('age', null)).type.toBe<number | null>();
    expect(user.pull('age')).type.toBe<number | undefined>();
    expect(user.pull('age', 0)).type.toBe<number>();
    expect(user.get).type.not.toBeCallableWith('email');
  });

  test('set() takes values of the type, and can be chained', () => {
    expect(user.set).type.toBeCallableWith('age', 22);
    expect(user.set).type.toBeCallableWith('age', undefined);
    expect(user.set).type.not.toBeCallableWith('age', 'twenty-two');
    expect(user.set).type.not.toBeCallableWith('email', 'kimbra@example.com');
    expect(user.set('age', 22).set('name', 'Kimbra').age).type.toBe<number | undefined>();
  });

  test('has(), remove() and keys() know the names', () => {
    expect(user.has('age')).type.toBe<boolean>();
    expect(user.has).type.not.toBeCallableWith('email');
    expect(user.remove).type.not.toBeCallableWith('email');
    expect(user.keys()).type.toBe<(keyof User)[]>();
  });

  test('update() has the type on both sides, and is synchronous within', () => {
    const updated = user.update('age', (age) => {
      expect(age).type.toBe<number | undefined>();
      return (age ?? 0) + 1;
    });
    expect(updated).type.toBe<Promise<number | undefined>>();
    expect(user.update).type.toBeCallableWith('age', () => undefined);
    expect(user.update).type.not.toBeCallableWith('age', () => 'one');
    expect(user.update).type.not.toBeCallableWith('age', async () => 1);
    expect(user.update).type.not.toBeCallableWith('email', () => '');
  });

  test('init() and toJSON() have some of the variables', () => {
    expect(user.init).type.toBeCallableWith({ name: 'Kimbra' });
    expect(user.init).type.toBeCallableWith({});
    expect(user.init).type.not.toBeCallableWith({ name: 7 });
    expect(user.init).type.not.toBeCallableWith({ email: '' });
    expect(user.toJSON()).type.toBe<Partial<User>>();
    expect(user.clear().name).type.toBe<string | undefined>();
  });

  test('iterating gives names and values', () => {
    for (const [name, value] of user) {
      expect(name).type.toBe<keyof User>();
      expect(value).type.toBeAssignableTo<string | number | undefined>();
    }
  });

  test('are there on every bag', () => {
    expect<Bag<User>>().type.toBeAssignableTo<BagMethods<User>>();
    expect<Bag>().type.toHaveProperty('update');
  });
});

describe('Bag<T>', () => {
  test('is about objects', () => {
    class Visits {
      count = 0;
    }
    expect<Bag<Visits>>().type.toHaveProperty('count');
    // @ts-expect-error does not satisfy the constraint 'object'
    type OfText = Bag<string>;
    expect<OfText>().type.toHaveProperty('get');
  });

  test('of one type is no bag of another', () => {
    expect<Bag<{ name: string }>>().type.not.toBeAssignableTo<Bag<{ name: number }>>();
    expect<User>().type.not.toBeAssignableTo<Bag<User>>();
  });
});

describe('decorators', () => {
  test('@Persistent() is for properties, with a name or without', () => {
    class Wizard {
      @Persistent() readonly own!: Bag<{ step: number }>;
      @Persistent('wizard') protected readonly named!: Bag;
    }
    expect<Wizard['own']['step']>().type.toBe<number | undefined>();
    expect(Persistent).type.not.toBeCallableWith(7);
  });

  test('@Persistent() is not for methods, parameters and classes', () => {
    class Wrong {
      constructor(
        // @ts-expect-error Unable to resolve signature of parameter decorator
        @Persistent() readonly bag: Bag,
      ) {}
    }
    // @ts-expect-error Unable to resolve signature of class decorator
    @Persistent()
    class Wronger extends Wrong {}
    expect(Wronger).type.toBeConstructableWith(any);
  });

  test('@SessionBag() is for parameters, with a name', () => {
    class Users {
      save(@SessionBag('user') bag: Bag<User>) {
        return bag.name;
      }
      // @ts-expect-error Unable to resolve signature of property decorator
      @SessionBag('user') user?: Bag<User>;
    }
    expect(new Users().save).type.toBeCallableWith(user);
    expect(SessionBag).type.toBeCallableWith('user');
    expect(SessionBag).type.not.toBeCallableWith();
    expect(SessionBag).type.not.toBeCallableWith(7);
  });
});
