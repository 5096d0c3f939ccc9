import type { ServerResponse } from 'node:http';

export type Callback = (error?: Error | null) => void;

/** The head's arguments in all overloads: `(status, reason?, headers?)` and `(status, headers?)`. */
export type HeadArguments = [status: unknown, reason?: unknown, headers?: unknown];

/** The overloads of `write` and `end`: each place may also hold the callback. */
export type BodyArguments = [chunk?: unknown, encoding?: unknown, callback?: unknown];

type Native<Arguments extends unknown[], Result> = (
  this: ServerResponse,
  ...args: Arguments
) => Result;

/** The four methods through which a response sends its bytes. */
export interface NativeMethods {
  readonly writeHead: Native<HeadArguments, ServerResponse>;
  readonly write: Native<BodyArguments, boolean>;
  readonly end: Native<BodyArguments, ServerResponse>;
  readonly flushHeaders: Native<[], void>;
}

/** The methods as they are now: Node's own, or those of middleware that is on the response already. */
export function nativeMethods(response: ServerResponse): NativeMethods {
  const { writeHead, write, end, flushHeaders } = response as unknown as NativeMethods;
  return { writeHead, write, end, flushHeaders };
}

export function haveSameMethods(one: ServerResponse, other: ServerResponse): boolean {
  return (
    one.writeHead === other.writeHead &&
    one.write === other.write &&
    one.end === other.end &&
    one.flushHeaders === other.flushHeaders
  );
}

export function putMethods(response: ServerResponse, put: NativeMethods): void {
  const { writeHead, write, end, flushHeaders } = put;
  const methods = response as { -readonly [Name in keyof NativeMethods]: unknown };
  methods.writeHead = writeHead;
  methods.write = write;
  methods.end = end;
  methods.flushHeaders = flushHeaders;
}

/** What the application passed to be told that its write, or the answer, is done. */
export function callbackOf(args: BodyArguments): Callback | undefined {
  return args.find((arg): arg is Callback => typeof arg === 'function');
}
