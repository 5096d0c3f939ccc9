import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Gated,
  type GatedServer,
  RawClient,
  startGatedServer,
} from '../support/gated-server.js';
import { bodyOf } from '../support/raw-exchange.js';
import { anyCalls, type Calls, makeCall } from './any-calls.js';

/** What an answer comes to, for its client and for the application. */
interface Outcome {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
  /** What was thrown and how the response looked, in order. */
  readonly notes: readonly string[];
  readonly events: readonly string[];
  /** Some in another order: with a commit between them, others are sent by then. */
  readonly callbacks: readonly string[];
}

const OURS = 'set-cookie: sid=fake';

describe('R18 any calls', () => {
  let server: GatedServer;

  beforeAll(async () => {
    server = await startGatedServer();
  });
  afterAll(() => server.close());

  it.each([
    ['an answer without changes', 'unchanged', false],
    ['an answer that waits for its changes', 'changed', false],
    ['an answer whose end waits for its changes', 'unchanged', true],
  ] as const)('give %s as without the gate', async (_name, kind, isChangedLater) => {
    const anyMethod = fc.constantFrom('GET', 'HEAD', 'POST');
    await fc.assert(
      fc.asyncProperty(anyCalls, anyMethod, async (calls, method) => {
        const plain = await outcomeOf('ungated', calls, method);
        const gated = await outcomeOf(kind, calls, method, isChangedLater);
        expect(gated.headers.filter((header) => header === OURS)).toHaveLength(1);
        const headers = gated.headers.filter((header) => header !== OURS);
        expect({ ...gated, headers }).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  async function outcomeOf(
    kind: 'changed' | 'unchanged' | 'ungated',
    calls: Calls,
    method: string,
    isChangedLater = false,
  ): Promise<Outcome> {
    const said: string[] = [];
    const note = (what: string): void => void said.push(what);
    server.serve(kind, () => undefined);
    const coming = server.next();
    const client = await RawClient.connect(server.port);
    client.send(`${method} /`);
    const gated = await coming;
    const events = eventsOf(gated.response);
    for (const call of calls.before) {
      if (call.method === 'pause') await acceptNow(gated);
      else makeCall(gated.response, call, note);
    }
    if (isChangedLater) gated.exchange.change();
    for (const call of [calls.end, ...calls.late]) makeCall(gated.response, call, note);
    while (!gated.response.closed) await acceptNow(gated);
    const text = await client.all();
    const [status = '', ...headers] = (text.split('\r\n\r\n', 1)[0] ?? '').split('\r\n');
    const isCallback = (what: string) => what.startsWith('called back');
    return {
      status,
      headers: sorted(headers),
      body: bodyOf(text),
      notes: said.filter((what) => !isCallback(what)),
      events,
      callbacks: said.filter(isCallback).toSorted(),
    };
  }
});

/** Lets the store accept what it was given, if anything, and the server go on. */
async function acceptNow({ exchange }: Gated): Promise<void> {
  if (exchange.isCommitting) await exchange.accept();
  for (let turns = 0; turns < 3; turns++) await turn();
}

function eventsOf(response: ServerResponse): string[] {
  const events: string[] = [];
  for (const name of ['prefinish', 'finish', 'close', 'error']) {
    response.on(name, () => events.push(name));
  }
  return events;
}

/** By their names: a head that is written at once may have them in another order. */
function sorted(headers: readonly string[]): string[] {
  return headers
    .map((header) => header.replace(/^[^:]*/, (name) => name.toLowerCase()))
    .filter((header) => !header.startsWith('date:'))
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

function nameOf(header: string): string {
  return header.split(':', 1)[0] ?? '';
}
