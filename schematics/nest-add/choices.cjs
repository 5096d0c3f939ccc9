const secretHint =
  'Set SESSION_KEY to the output of: ' +
  `node -p "require('node:crypto').randomBytes(32).toString('base64url')"`;

/**
 * What is written for each adapter: the options of SessionModule, line by line, the optional packages
 * that it needs, and what is left to do.
 */
const adapters = {
  memory: { options: [] },
  file: { options: ["path: '.sessions'"], hints: ['Add .sessions/ to .gitignore.'] },
  memcached: { options: ["host: '127.0.0.1'", 'port: 11211'] },
  redis: { options: ["host: '127.0.0.1'", 'port: 6379'], packages: ['ioredis'] },
  database: {
    options: ["client: 'pg'", "connection: process.env.DATABASE_URL ?? ''"],
    packages: ['knex', 'pg'],
    hints: ['Set DATABASE_URL, as in postgres://user:password@127.0.0.1:5432/database.'],
  },
  cookie: {
    options: ["encryption: { keys: [process.env.SESSION_KEY ?? ''] }"],
    hints: [secretHint],
  },
};

exports.choices = Object.fromEntries(
  Object.entries(adapters).map(([name, { options, packages = [], hints = [] }]) => {
    const lines = [`adapter: '${name}'`, ...options, 'lifetime: 3600'];
    return [name, { element: elementOf(lines), packages, hints }];
  }),
);

function elementOf(lines) {
  const oneLine = `SessionModule.forRoot({ ${lines.join(', ')} })`;
  if (oneLine.length <= 70) return oneLine;
  return `SessionModule.forRoot({\n${lines.map((line) => `  ${line},\n`).join('')}})`;
}
