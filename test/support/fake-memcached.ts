import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { freePort } from './free-port.js';

const HEADER = 24;

export interface FakeRequest {
  readonly opcode: number;
  readonly opaque: number;
  readonly key: string;
  readonly body: Buffer;
}

/** What goes back for a request, or nothing; the socket is there for what no server would do. */
export type FakeAnswer = (request: FakeRequest, socket: Socket) => Buffer | undefined;

/** A server that speaks just enough of the binary protocol to lie in it. */
export async function startFakeMemcached(answer: FakeAnswer) {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (let size = sizeOf(received); size <= received.length; size = sizeOf(received)) {
        const reply = answer(parse(received.subarray(0, size)), socket);
        received = received.subarray(size);
        if (reply) socket.write(reply);
      }
    });
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return {
    port,
    /** All connections that ever came. */
    accepted: () => sockets.size,
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

export interface FakeResponse {
  readonly opcode: number;
  readonly opaque: number;
  readonly status?: number;
  readonly key?: string;
  readonly extras?: Buffer;
  readonly value?: string;
  readonly cas?: number;
}

export function fakeResponse(response: FakeResponse): Buffer {
  const { opcode, opaque, status = 0, key = '', extras = Buffer.alloc(0), cas = 1 } = response;
  const body = Buffer.concat([extras, Buffer.from(key), Buffer.from(response.value ?? '')]);
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(0x81, 0);
  header.writeUInt8(opcode, 1);
  header.writeUInt16BE(Buffer.byteLength(key), 2);
  header.writeUInt8(extras.length, 4);
  header.writeUInt16BE(status, 6);
  header.writeUInt32BE(body.length, 8);
  header.writeUInt32BE(opaque, 12);
  header.writeUInt32BE(cas, 20);
  return Buffer.concat([header, body]);
}

function sizeOf(received: Buffer): number {
  return received.length < HEADER ? Infinity : HEADER + received.readUInt32BE(8);
}

function parse(request: Buffer): FakeRequest {
  const keyAt = HEADER + request.readUInt8(4);
  const key = request.subarray(keyAt, keyAt + request.readUInt16BE(2)).toString();
  return {
    opcode: request.readUInt8(1),
    opaque: request.readUInt32BE(12),
    key,
    body: request.subarray(HEADER),
  };
}
