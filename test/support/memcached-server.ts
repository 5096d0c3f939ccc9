import { once } from 'node:events';
import { connect } from 'node:net';
import { ServerProcess } from './server-process.js';

/** Starts memcached on the loopback; `flags` are added to its command line. */
export function startMemcached(...flags: readonly string[]): Promise<ServerProcess> {
  return ServerProcess.start({
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
  });
}
