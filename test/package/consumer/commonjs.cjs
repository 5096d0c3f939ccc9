require('reflect-metadata');
const { checkSessions } = require('./check-sessions.cjs');
const { ExpressAdapter } = require('@nestjs/platform-express');
const { FastifyAdapter } = require('@nestjs/platform-fastify');

require('nestjs-session-bag/express-session');
require('nestjs-session-bag/testing');
const packages = {
  core: require('@nestjs/core'),
  common: require('@nestjs/common'),
  sessions: require('nestjs-session-bag'),
  memory: require('nestjs-session-bag/adapters/memory'),
};
const platforms = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };

void (async () => {
  for (const name of process.argv.slice(2)) {
    await checkSessions({ ...packages, platform: platforms[name] });
  }
})();
