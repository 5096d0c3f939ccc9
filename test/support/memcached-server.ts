import { once } from 'node:events';
import { connect } from 'node:net';
import { ServerProcess, type ServerSpec } from './server-process.js';

/** Starts memcached on the loopback; `flags` are added to its command line. */
export function startMemcached(...flags: readonly string[]): Promise<ServerProcess> {
  return ServerProcess.start(memcachedSpec(flags));
}

export function memcachedSpec(flags: readonly string[]): ServerSpec {
  return {
    name: 'memcached',
    command: 'memcached',
    debianPackage: 'memcached',
    stopSignal: 'SIGKILL',
    args: (port) => ['-l', '127.0.0.1', '-p', String(port), '-u', 'root', '-U', '0', ...flags],
    ready: async (port) => {
      const socket = connect(port, '127.0.0.1');
      try {
        await once(socket, 'connect');
      } finally {
        socket.destroy();
      }
    },
  };
}

/** What the server counts, by its names. */
export async function memcachedStats(port: number): Promise<ReadonlyMap<string, number>> {
  const lines = (await memcachedText(port, 'stats\r\n')).matchAll(/^STAT (\w+) (\d+)\r$/gm);
  return new Map(Array.from(lines, ([, name = '', value]) => [name, Number(value)]));
}

/** Every key and what stands there, as the text protocol has it. */
export async function dumpMemcached(port: number): Promise<string> {
  const listed = (await memcachedText(port, 'lru_crawler metadump all\r\n')).matchAll(
    /^key=(\S+)/gm,
  );
  const keys = Array.from(listed, ([, key = '']) => decodeURIComponent(key));
  return memcachedText(port, `get ${keys.join(' ')}\r\n`);
}

/** Sends a command of the text protocol, and gives the answer up to its last line. */
export async function memcachedText(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  try {
    socket.write(command);
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (/^(END|OK|STORED|DELETED|NOT_FOUND|MN|\w*ERROR.*)\r\n$/m.test(answer)) break;
    }
    return answer;
  } finally {
    socket.destroy();
  }
}
