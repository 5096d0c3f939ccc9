import type { ServerResponse } from 'node:http';
import fc from 'fast-check';

/** A method of a response with its arguments, a callback behind them or none; what is assigned; a pause. */
export interface Call {
  readonly method: 'pause' | 'look' | keyof ServerResponse;
  readonly args: readonly unknown[];
  readonly isCalledBack: boolean;
}

/** Calls until the answer is ended, and those that come right behind its end, too late. */
export interface Calls {
  readonly before: readonly Call[];
  readonly end: Call;
  readonly late: readonly Call[];
}

const anyName = fc.constantFrom('X-A', 'x-a', 'X-B', 'Set-Cookie', 'Content-Type');
const anyValue = fc.constantFrom<unknown>('1', 'two', 3, ['p', 'q']);
const anyStatus = fc.constantFrom<unknown>(200, 201, 204, 205, 302, 304, 404, '203');
const anyChunk = fc.constantFrom<unknown>('', 'a', 'héllo', Buffer.from('xyz'), new Uint8Array(2));
const anyPart = fc.oneof(
  fc.tuple(anyChunk),
  fc.tuple(anyChunk, fc.constantFrom('utf8', 'latin1', 'utf16le')),
);
const anyLength = fc.tuple(fc.constant('Content-Length'), fc.constantFrom<unknown>(0, '2', 3));

const anyHeaders = fc.oneof(
  fc.dictionary(fc.constantFrom('X-A', 'x-b', 'Content-Length'), fc.constantFrom('1', '5')),
  fc
    .uniqueArray(fc.tuple(fc.constantFrom('X-A', 'X-B', 'Set-Cookie'), fc.constant('1')), {
      selector: ([name]) => name,
    })
    .map((pairs) => pairs.flat()),
);
const anyReason = fc.constantFrom('Because', '');
const anyHead = fc.oneof(
  fc.tuple(anyStatus),
  fc.tuple(anyStatus, anyReason),
  fc.tuple(anyStatus, anyHeaders),
  fc.tuple(anyStatus, anyReason, anyHeaders),
);

const anyCall = fc.oneof(
  called('setHeader', fc.oneof(fc.tuple(anyName, anyValue), anyLength)),
  called('appendHeader', fc.tuple(anyName, fc.constantFrom<unknown>('z', ['y', 'w']))),
  called('removeHeader', fc.tuple(anyName)),
  called('writeHead', anyHead),
  called('write', anyPart, fc.boolean()),
  called('flushHeaders', fc.constant([])),
  called('statusCode', fc.tuple(fc.constantFrom(200, 204, 418))),
  called('statusMessage', fc.tuple(fc.constantFrom('', 'Set'))),
  called('look', fc.constant([])),
);
const anyEnd = called('end', fc.oneof(fc.constant([]), anyPart), fc.boolean());

/** Calls of all that an application can do with a response; most would be refused by a careful one. */
export const anyCalls: fc.Arbitrary<Calls> = fc.record({
  before: fc.array(fc.oneof({ weight: 6, arbitrary: anyCall }, called('pause', fc.constant([])))),
  end: anyEnd,
  late: fc.array(fc.oneof(anyCall, anyEnd), { maxLength: 3 }),
});

/** Makes a call, and notes what is thrown, what is called back and how the response looks. */
export function makeCall(response: ServerResponse, call: Call, note: (what: string) => void): void {
  const { method, args, isCalledBack } = call;
  if (method === 'look') return note(`${response.headersSent} ${response.writableEnded}`);
  if (method === 'statusCode' || method === 'statusMessage') {
    return void Object.assign(response, { [method]: args[0] });
  }
  // A response goes on with lists that it was given.
  const given: unknown[] = structuredClone([...args]);
  const calledBack = (error?: NodeJS.ErrnoException | null) => {
    // Whether an answer that was ended twice has finished by then is a matter of time.
    const isLate = error?.code === 'ERR_STREAM_ALREADY_FINISHED';
    note(`called back: ${isLate ? undefined : error?.code}`);
  };
  if (isCalledBack) given.push(calledBack);
  try {
    Reflect.apply(response[method as 'write'], response, given);
  } catch (error) {
    note(`${String(method)} throws ${(error as NodeJS.ErrnoException).code}`);
  }
}

function called(
  method: Call['method'],
  args: fc.Arbitrary<readonly unknown[]>,
  isCalledBack: fc.Arbitrary<boolean> = fc.constant(false),
): fc.Arbitrary<Call> {
  return fc.record({ method: fc.constant(method), args, isCalledBack });
}
