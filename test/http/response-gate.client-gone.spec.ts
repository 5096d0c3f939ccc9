import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { ResponseGates } from '../../lib/http/response-gates.js';
import { GatedConversation } from '../support/gated-conversation.js';
import { FakeExchange, FakeLogger, type Gated, type GatedServer } from '../support/gated-server.js';

const conversation = GatedConversation.use();

/** A request whose handler has not answered yet when its client leaves. */
async function abandoned(kind: 'changed' | 'unchanged', isStored: boolean): Promise<Gated> {
  const gated = await conversation.request(kind, () => undefined);
  gated.exchange.isStored = isStored;
  const closed = once(gated.response, 'close');
  conversation.client.cut();
  await closed;
  return gated;
}

/** A request whose answer waits for that of another one on the same connection, which comes along. */
async function queued(
  kind: Parameters<GatedServer['serve']>[0],
): Promise<Gated & { readonly before: Gated }> {
  const { client, server } = conversation;
  server.serve(kind, () => undefined);
  const first = server.next();
  client.send('GET /1', '\r\n');
  const before = await first;
  const second = server.next();
  client.send('GET /2', '\r\n');
  return { ...(await second), before };
}

/** Has the connection closed under a response, which is not told up to Node.js 22. */
async function leave({ req: { socket } }: ServerResponse): Promise<void> {
  const closed = once(socket, 'close');
  conversation.client.cut();
  await closed;
}

describe('R17 a client that is gone', () => {
  it('loses no change to a stored session', async () => {
    const { exchange } = await abandoned('changed', true);
    await exchange.accept();
    expect(exchange.calls).toEqual(['commit']);
  });

  it('loses no change that its handler makes later', async () => {
    const { exchange, response } = await abandoned('unchanged', true);
    expect(exchange.isEnded).toBe(false);
    exchange.change();
    response.end('to nobody');
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls.filter((call) => call === 'commit')).toHaveLength(1);
  });

  it('gets no new session, and its handler ends as usual', async () => {
    const { exchange, response, logger } = await abandoned('changed', false);
    response.write('to nobody', () => undefined);
    response.end();
    await exchange.ended();
    expect(exchange.calls).not.toContain('commit');
    expect(logger.lines).toEqual([]);
  });

  it('is told nothing when the commit fails; the log is', async () => {
    const { exchange, logger } = await abandoned('changed', true);
    await exchange.refuse(new TypeError('secret'));
    await exchange.ended();
    expect(exchange.calls).toEqual(['commit', 'onEnded']);
    expect(logger.lines).toEqual([
      'error: The session changes of a request were not stored. Cause: TypeError.',
    ]);
  });

  it('does not disturb a commit that runs for a held answer', async () => {
    conversation.server.serve('changed', (_request, answer) => answer.end('held'));
    const coming = conversation.server.next();
    conversation.client.send();
    const { exchange, response } = await coming;
    await exchange.committing();
    const closed = once(response, 'close');
    conversation.client.cut();
    await closed;
    expect(exchange.isEnded).toBe(false);
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls.filter((call) => call === 'commit')).toHaveLength(1);
  });

  it('ends the exchange of a stream that it left', async () => {
    conversation.server.serve('unchanged', (_request, answer) => answer.write('first'));
    const coming = conversation.server.next();
    conversation.client.send();
    const { exchange } = await coming;
    await conversation.client.until('first');
    exchange.change();
    conversation.client.cut();
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent', 'commit', 'onEnded']);
  });

  it('ends the exchange of an answer that was queued behind another', async () => {
    const { exchange, response } = await queued('changed');
    await leave(response);
    response.end('to nobody');
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls.filter((call) => call === 'commit')).toHaveLength(1);
  });

  it('ends the exchange of an answer that was ended, and is queued still', async () => {
    const { exchange, response } = await queued('unchanged');
    response.end('to nobody');
    expect(exchange.isEnded).toBe(false);
    await leave(response);
    expect(exchange.calls).toEqual(['writeHeaders', 'onHeadersSent', 'onEnded']);
  });

  it('loses no change of a handler whose answer was queued behind another', async () => {
    const { exchange, response } = await queued('unchanged');
    await leave(response);
    exchange.change();
    await exchange.accept();
    expect(exchange.calls).toEqual(['commit']);
  });

  it('loses no change of a session that such a handler asks for only then', async () => {
    const { response } = await queued('ungated');
    await leave(response);
    const exchange = new FakeExchange(1);
    new ResponseGates(new FakeLogger()).admit(response).close(exchange);
    await exchange.accept();
    expect(exchange.calls).toEqual(['commit']);
  });

  it('leaves nothing on a connection that goes on', async () => {
    const listeners: number[] = [];
    for (let round = 0; round < 2; round++) {
      const { before, response, request } = await queued('unchanged');
      before.response.end();
      response.end();
      await once(response, 'close');
      listeners.push(request.socket.listenerCount('close'));
    }
    expect(listeners[1]).toBe(listeners[0]);
  });

  it('ends the exchange of an answer that was destroyed before it was ended', async () => {
    const { exchange, response } = await conversation.request('unchanged', (_request, answer) => {
      answer.destroy();
      answer.end('to nobody');
    });
    await once(response, 'close');
    expect(exchange.calls).toEqual(['onHeadersSent', 'onEnded']);
  });

  it('is looked after among the latest thousand only, where no answer comes', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const gates = new ResponseGates(new FakeLogger());
      const socket = new Socket();
      const exchanges = Array.from({ length: 1_001 }, () => {
        const exchange = new FakeExchange(0);
        gates.admit(new ServerResponse(new IncomingMessage(socket))).close(exchange);
        return exchange;
      });
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
      for (const exchange of exchanges) exchange.change();
      jest.advanceTimersByTime(500);
      const [oldest, ...latest] = exchanges.map(({ calls }) => calls);
      expect(oldest).toEqual([]);
      expect(new Set(latest.flat())).toEqual(new Set(['commit']));
      expect(latest.flat()).toHaveLength(1_000);
    } finally {
      jest.useRealTimers();
    }
  });
});
