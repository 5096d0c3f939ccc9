import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { memcachedSpec } from './memcached-server.js';
import { ServerProcess } from './server-process.js';

interface Login {
  readonly username: string;
  readonly password: string;
}

/** memcached that asks for this login; who may log in is decided by a saslauthd in this process. */
export async function startSaslMemcached(login: Login): Promise<ServerProcess> {
  let authority: Server | undefined;
  const server = await ServerProcess.start({
    ...memcachedSpec(['-S']),
    env: (dir) => ({ SASL_CONF_PATH: dir }),
    prepare: async (dir) => {
      const socket = join(dir, 'mux');
      const settings = [
        'mech_list: plain',
        'pwcheck_method: saslauthd',
        `saslauthd_path: ${socket}`,
      ];
      await writeFile(join(dir, 'memcached.conf'), `${settings.join('\n')}\n`);
      authority = await startAuthority(socket, login);
    },
  });
  authority?.unref();
  return server;
}

/** The protocol of saslauthd: name, password, service and realm, each behind its length. */
async function startAuthority(path: string, login: Login): Promise<Server> {
  const authority = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const [username, password, , realm] = fieldsOf(received);
      if (realm === undefined) return;
      const verdict = username === login.username && password === login.password ? 'OK' : 'NO';
      socket.end(Buffer.from([0, verdict.length, ...Buffer.from(verdict)]));
    });
  });
  await once(authority.listen(path), 'listening');
  return authority;
}

function fieldsOf(received: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 2 <= received.length;) {
    const end = at + 2 + received.readUInt16BE(at);
    if (end > received.length) break;
    fields.push(received.subarray(at + 2, end).toString());
    at = end;
  }
  return fields;
}
