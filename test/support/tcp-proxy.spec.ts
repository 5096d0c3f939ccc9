import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.js';
import { pollUntil } from './poll.js';
import { TcpProxy } from './tcp-proxy.js';

let echo: Server;
let echoPort: number;
let echoedBytes: number;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echoedBytes = 0;
  echo = createServer((socket) => {
    socket.on('error', () => {}).pipe(socket);
    socket.on('data', ({ length }) => (echoedBytes += length));
  });
  echoPort = await freePort();
  await once(echo.listen(echoPort, '127.0.0.1'), 'listening');
  proxy = await TcpProxy.to(echoPort);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await once(echo.close(), 'close');
});

describe('TcpProxy', () => {
  it('forwards both ways and counts connections', async () => {
    const [first, second] = [await open(), await open()];
    first.send('one');
    second.send('two');
    await first.receives('one');
    await second.receives('two');
    expect([proxy.connections, proxy.accepted]).toEqual([2, 2]);
    first.socket.end();
    await pollUntil(() => proxy.connections === 1, {
      within: 2000,
      what: 'one connection is left',
    });
    expect(proxy.accepted).toBe(2);
  });

  it.each([0, 1, 5, 9])('cuts one connection after %i bytes of answers', async (bytes) => {
    const [client, other] = [await open(), await open()];
    const cut = proxy.cut(bytes);
    client.send('0123456789');
    await cut;
    await client.ends();
    expect(client.received()).toBe('0123456789'.slice(0, bytes));
    other.send('goes on');
    await other.receives('goes on');
  });

  it('counts the bytes of the cut over several answers', async () => {
    const client = await open();
    const cut = proxy.cut(5);
    client.send('abc');
    await client.receives('abc');
    client.send('defg');
    await cut;
    await client.ends();
    expect(client.received()).toBe('abcde');
  });

  it('stalls one connection after some bytes of answers', async () => {
    const [client, other] = [await open(), await open()];
    const stalled = proxy.stallAfter(4);
    client.send('0123456789');
    await stalled;
    other.send('goes on');
    await other.receives('goes on');
    expect([client.received(), proxy.connections]).toEqual(['0123', 2]);
    await proxy.heal();
    await client.receives('0123456789');
  });

  it('delays answers, in order', async () => {
    const client = await open();
    proxy.delay(80);
    const begun = performance.now();
    client.send('slow');
    await once(client.socket, 'data');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(79);
    client.send('a');
    await pollUntil(() => echoedBytes === 5, { within: 2000, what: 'the server has answered' });
    proxy.delay(0);
    client.send('b');
    await client.receives('slowab');
  });

  it.each(['answers', 'both'] as const)('stalls %s and keeps the connections', async (what) => {
    const before = await open();
    proxy.stall(what);
    const after = await open();
    before.send('before');
    after.send('after');
    const arriving = what === 'answers' ? 'beforeafter'.length : 0;
    await pollUntil(() => echoedBytes === arriving, { within: 2000, what: 'requests arrive' });
    await directRoundTrips(10);
    expect(echoedBytes).toBe(arriving + 10);
    expect([before.received(), after.received(), proxy.connections]).toEqual(['', '', 2]);
    await proxy.heal();
    await before.receives('before');
    await after.receives('after');
  });

  it('drops what is open, refuses what comes, and heals on the same port', async () => {
    const client = await open();
    await proxy.drop();
    await client.ends();
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    expect(proxy.connections).toBe(0);
    await proxy.heal();
    const next = await open();
    next.send('again');
    await next.receives('again');
  });

  it('lets go of a connection that is ending when it is dropped', async () => {
    const accepted = acceptedSocket();
    const client = await open();
    const socket = await accepted;
    const closed = once(socket, 'close');
    // Its own end has been asked for by then, and is not done.
    socket.once('end', () => process.nextTick(() => process.nextTick(() => void proxy.drop())));
    client.socket.end();
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});

/** The next socket that a server of this process accepts. */
function acceptedSocket(): Promise<Socket> {
  return new Promise((resolve) => {
    const channel = 'net.server.socket';
    subscribe(channel, function accept(message) {
      unsubscribe(channel, accept);
      resolve((message as { readonly socket: Socket }).socket);
    });
  });
}

/** Time in which the proxy would have forwarded, had it been going to. */
async function directRoundTrips(count: number): Promise<void> {
  const socket = connect(echoPort, '127.0.0.1');
  clients.push(socket);
  for (let trip = 0; trip < count; trip++) {
    socket.write('.');
    await once(socket, 'data');
  }
}

async function open() {
  const acceptedBefore = proxy.accepted;
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  let text = '';
  await once(socket, 'connect');
  await pollUntil(() => proxy.accepted > acceptedBefore, { within: 2000, what: 'it is accepted' });
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  return {
    socket,
    send: (data: string) => socket.write(data),
    received: () => text,
    receives: (wanted: string) =>
      pollUntil(() => text === wanted, { within: 2000, what: `the client receives ${wanted}` }),
    ends: () => pollUntil(() => socket.destroyed, { within: 2000, what: 'the client is cut off' }),
  };
}
