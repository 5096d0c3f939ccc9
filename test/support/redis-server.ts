import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pollUntil } from './poll.js';
import { ServerProcess } from './server-process.js';

const FORM_WITHIN = 20_000;

/** Starts redis-server on the loopback, without snapshots; `flags` are added to its command line. */
export function startRedis(...flags: readonly string[]): Promise<ServerProcess> {
  return ServerProcess.start({
    name: 'redis',
    command: 'redis-server',
    debianPackage: 'redis-server',
    args: (port, dir) => {
      const basics = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--save', ''];
      return [...basics, ...flags];
    },
    ready: async (port) => !(await redisCommand(port, 'PING')).startsWith('-LOADING'),
  });
}

/** Three primaries that share the slots and replace nobody; without one, the others go on. */
export async function startRedisCluster(): Promise<readonly ServerProcess[]> {
  const flags = '--cluster-enabled yes --cluster-require-full-coverage no';
  const servers = await Promise.all([1, 2, 3].map(() => startRedis(...flags.split(' '))));
  const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
  await redisCli('--cluster', 'create', ...nodes, '--cluster-yes');
  for (const { port } of servers) {
    await pollUntil(async () => isWholeCluster(await redisCommand(port, 'CLUSTER', 'INFO')), {
      within: FORM_WITHIN,
      what: 'the cluster is formed',
    });
  }
  return servers;
}

/** Watches a primary, under the name `sessions`, and puts a replica in its place when told to. */
export function startSentinel(primary: ServerProcess): Promise<ServerProcess> {
  return ServerProcess.start({
    name: 'sentinel',
    command: 'redis-server',
    debianPackage: 'redis-server',
    prepare: (dir) =>
      writeFile(
        join(dir, 'sentinel.conf'),
        `sentinel monitor sessions 127.0.0.1 ${primary.port} 1\n` +
          'sentinel failover-timeout sessions 5000\n',
      ),
    args: (port, dir) => {
      const basics = ['--bind', '127.0.0.1', '--port', String(port), '--dir', dir];
      return [join(dir, 'sentinel.conf'), '--sentinel', ...basics];
    },
    ready: async (port) => (await redisCli('-p', String(port), 'PING')).startsWith('PONG'),
  });
}

/** Sends one command whose words hold no spaces; resolves to the reply as it came. */
export async function redisCommand(port: number, ...words: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(`${words.join(' ')}\r\nQUIT\r\n`);
    let reply = '';
    socket.setEncoding('utf8').on('data', (text: string) => (reply += text));
    await once(socket, 'end');
    return reply.slice(0, -'+OK\r\n'.length);
  } finally {
    socket.destroy();
  }
}

export async function redisCli(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)('redis-cli', args)).stdout;
}

function isWholeCluster(info: string): boolean {
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
}
