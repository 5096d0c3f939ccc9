import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { ResponseGates } from '../../lib/http/response-gates.js';
import { FakeExchange, FakeLogger } from '../support/gated-server.js';

type Written = (error?: Error) => void;

/** A response without a connection: adapters for functions in a cloud give it as much as it needs. */
function responseWithoutConnection(sent: string[]): ServerResponse {
  const ignore = (): void => undefined;
  const socket = {
    writable: true,
    on: ignore,
    removeListener: ignore,
    destroy: ignore,
    cork: ignore,
    uncork: ignore,
    write(data: string | Buffer, encoding?: string | Written, written?: Written): void {
      sent.push(data.toString());
      const done = typeof encoding === 'function' ? encoding : written;
      done?.();
    },
  };
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.useChunkedEncodingByDefault = false;
  response.assignSocket(socket as unknown as Socket);
  return response;
}

describe('a held answer without a connection', () => {
  it('is sent whole, however it was written: its buffer is never full', async () => {
    const sent: string[] = [];
    const response = responseWithoutConnection(sent);
    const exchange = new FakeExchange(1);
    new ResponseGates(new FakeLogger()).admit(response).close(exchange);
    Readable.from(['one ', 'two ', 'three']).pipe(response);
    const finished = once(response, 'finish', { signal: AbortSignal.timeout(3000) });
    await exchange.committing();
    await exchange.accept();
    await finished;
    expect(sent.join('')).toMatch(/\r\nSet-Cookie: sid=fake\r\n[^]*\r\n\r\none two three$/);
  });
});
