import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RowDataPacket, createConnection } from 'mysql2/promise';
import { madeOnce } from './made-once.js';
import { ServerProcess } from './server-process.js';
import { unprivilegedUser } from './unprivileged-user.js';

const run = promisify(execFile);
const PASSWORD = 'mariadb-secret';
/** What is written need not outlive the machine. */
const FILES = ['--innodb-flush-method=nosync', '--innodb-log-file-size=4M'];
const INSTALL = ['--no-defaults', '--skip-test-db', '--skip-name-resolve', ...FILES];

export interface MariadbConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** How to log in on `port`, be it the server's own or that of a proxy before it. */
export function mariadbConnection(port: number): MariadbConnection {
  return { host: '127.0.0.1', port, user: 'bag', password: PASSWORD, database: 'bag' };
}

/** Starts MariaDB on the loopback; `flags` are added to its command line. */
export async function startMariadb(...flags: readonly string[]): Promise<ServerProcess> {
  const user = await unprivilegedUser('mysql');
  return ServerProcess.start({
    name: 'mariadb',
    command: 'mariadbd',
    debianPackage: 'mariadb-server',
    ...(user && { user }),
    prepare: async (dir) => {
      await writeFile(
        join(dir, 'init.sql'),
        'create database if not exists bag;\n' +
          `create user if not exists bag@'%' identified by '${PASSWORD}';\n` +
          "grant all on *.* to bag@'%';\n",
      );
      const data = join(dir, 'data');
      const { stdout: version } = await run('mariadb-dump', ['--version']);
      await madeOnce(data, [version, ...INSTALL], () =>
        run('mariadb-install-db', [...INSTALL, `--datadir=${data}`], { cwd: dir, ...user }),
      );
    },
    args: (port, dir) => [
      '--no-defaults',
      `--datadir=${join(dir, 'data')}`,
      `--init-file=${join(dir, 'init.sql')}`,
      `--port=${port}`,
      `--socket=${join(dir, 'mariadb.sock')}`,
      `--pid-file=${join(dir, 'mariadb.pid')}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
      ...FILES,
      ...flags,
    ],
    ready: async (port) => {
      await queryMariadb(port, 'select 1');
    },
  });
}

/** Runs one statement on a connection of its own. */
export async function queryMariadb(port: number, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection(mariadbConnection(port));
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

/** All of the database, as SQL. */
export async function dumpMariadb(port: number): Promise<string> {
  const { host, user, password, database } = mariadbConnection(port);
  const args = ['--no-defaults', '-h', host, '-P', String(port), '-u', user, database];
  const env = { ...process.env, MYSQL_PWD: password };
  return (await run('mariadb-dump', args, { env })).stdout;
}
