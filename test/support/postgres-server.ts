import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { madeOnce } from './made-once.js';
import { ServerProcess } from './server-process.js';
import { unprivilegedUser } from './unprivileged-user.js';

const run = promisify(execFile);
const INSTALLATIONS = '/usr/lib/postgresql';
const PASSWORD = 'postgres-secret';
const LOG = 'statements.log';
const CLUSTER = ['-E', 'UTF8', '--locale=C', '--no-sync'];

export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** How to log in on `port`, be it the server's own or that of a proxy before it. */
export function postgresConnection(port: number): PostgresConnection {
  return { host: '127.0.0.1', port, user: 'postgres', password: PASSWORD, database: 'postgres' };
}

/**
 * Starts PostgreSQL on the loopback; it logs every statement to `postgresLog()`.
 *
 * @param others settings beside those, or in their place
 */
export async function startPostgres(others: Record<string, string> = {}): Promise<ServerProcess> {
  const bin = await findBinaries();
  const user = await unprivilegedUser('postgres');
  return ServerProcess.start({
    name: 'postgres',
    command: join(bin, 'postgres'),
    debianPackage: 'postgresql',
    // A fast shutdown: SIGTERM would wait until the last client has gone.
    stopSignal: 'SIGINT',
    ...(user && { user }),
    prepare: async (dir) => {
      const passwordFile = join(dir, 'password');
      await writeFile(passwordFile, PASSWORD);
      const login = ['-U', 'postgres', '--pwfile', passwordFile, '-A', 'scram-sha-256'];
      const { stdout: version } = await run(join(bin, 'initdb'), ['--version']);
      await madeOnce(dataFolder(dir), [version, PASSWORD, ...CLUSTER], () =>
        run(join(bin, 'initdb'), ['-D', dataFolder(dir), ...CLUSTER, ...login], {
          cwd: dir,
          ...user,
        }),
      );
    },
    args: (port, dir) => [
      '-D',
      dataFolder(dir),
      ...settings({
        port: String(port),
        listen_addresses: '127.0.0.1',
        unix_socket_directories: dir,
        fsync: 'off',
        logging_collector: 'on',
        log_directory: dir,
        log_filename: LOG,
        log_statement: 'all',
        ...others,
      }),
    ],
    ready: async (port) => {
      await queryPostgres(port, 'select 1');
    },
  });
}

/** The file to which a server of `startPostgres` writes the statements that it gets. */
export function postgresLog(server: ServerProcess): string {
  return join(server.dir, LOG);
}

/** Runs one statement on a connection of its own. */
export async function queryPostgres(port: number, sql: string): Promise<unknown[]> {
  const client = new Client(postgresConnection(port));
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** All of the database, as SQL. */
export async function dumpPostgres(port: number): Promise<string> {
  const { host, user, password, database } = postgresConnection(port);
  const args = ['-h', host, '-p', String(port), '-U', user, database];
  const env = { ...process.env, PGPASSWORD: password };
  return (await run(join(await findBinaries(), 'pg_dump'), args, { env })).stdout;
}

function dataFolder(dir: string): string {
  return join(dir, 'data');
}

function settings(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Debian keeps the server's programs off the PATH, in a folder for each version. */
async function findBinaries(): Promise<string> {
  const versions = await readdir(INSTALLATIONS).catch(() => []);
  const newest = versions.map(Number).toSorted((a, b) => b - a)[0];
  return join(INSTALLATIONS, String(newest), 'bin');
}
