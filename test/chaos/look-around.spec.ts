import { describe, expect, it } from '@jest/globals';
import { Journal } from './journal/journal.js';
import { Random } from './random.js';
import { HABITS } from './users/habits.js';
import { HttpClient, type Reply } from './users/http-client.js';
import { User } from './users/user.js';

const BORN = 'kimbra-1';
const VISIT = { born: BORN, cart: {}, wishes: [], orders: [], count: 0 };

describe('a user who looks around when all is over', () => {
  it.each([
    ['finds a session that can be read and not be written', 503, ['visit 200', 'put 503']],
    ['finds one that can be read and written', 201, ['visit 200', 'put 201']],
  ])('%s', async (_, status, told) => {
    const begun = new AbortController();
    const client = new Answers(status, () => begun.abort());
    const user = userAt(client);
    await user.live(begun.signal);
    expect(await lookAround(user)).toEqual(told);
  });

  it('writes nothing where there is no session', async () => {
    expect(await lookAround(userAt(new Answers(201)))).toEqual(['visit 200']);
  });
});

/** A process of which only the writes of a session that is there may fail. */
class Answers extends HttpClient {
  readonly #status: number;
  readonly #onBegin: () => void;

  constructor(status: number, onBegin = (): void => {}) {
    super(0, 0);
    this.#status = status;
    this.#onBegin = onBegin;
  }

  override async send(_method: string, path: string, cookie: string | undefined): Promise<Reply> {
    if (path.startsWith('/begin')) {
      this.#onBegin();
      return { status: 201, setCookies: ['sid=id; Path=/'], body: JSON.stringify(VISIT) };
    }
    const visit = cookie === undefined ? { ...VISIT, born: undefined } : VISIT;
    const status = path === '/visit' ? 200 : this.#status;
    return { status, setCookies: [], body: JSON.stringify(visit) };
  }
}

function userAt(client: HttpClient): User {
  const journal = new Journal({ bound: 1000, recovery: 0 });
  const habits = { ...HABITS, tabs: 1, pause: 0 };
  return new User({ name: 'kimbra', owner: 'owner1' }, [client], journal, new Random(1), habits);
}

async function lookAround(user: User): Promise<string[]> {
  const steps = await user.lookAround();
  return steps.map(({ action, status }) => `${action.kind} ${status}`);
}
