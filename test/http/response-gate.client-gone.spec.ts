import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { GatedConversation } from '../support/gated-conversation.js';
import type { Gated } from '../support/gated-server.js';

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
    conversation.server.serve('changed', () => undefined);
    const first = conversation.server.next();
    conversation.client.send('GET /1', '\r\n');
    await first;
    const second = conversation.server.next();
    conversation.client.send('GET /2', '\r\n');
    const { exchange, response, request } = await second;
    const closed = once(request.socket, 'close');
    conversation.client.cut();
    await closed;
    response.end('to nobody');
    await exchange.accept();
    await exchange.ended();
    expect(exchange.calls.filter((call) => call === 'commit')).toHaveLength(1);
  });

  it('ends the exchange of an answer that was destroyed before it was ended', async () => {
    const { exchange, response } = await conversation.request('unchanged', (_request, answer) => {
      answer.destroy();
      answer.end('to nobody');
    });
    await once(response, 'close');
    expect(exchange.calls).toEqual(['onHeadersSent', 'onEnded']);
  });
});
