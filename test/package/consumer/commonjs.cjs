require('reflect-metadata');
const { checkSessions } = require('./check-sessions.cjs');
const { ExpressAdapter } = require('@nestjs/platform-express');
const { FastifyAdapter } = require('@nestjs/platform-fastify');

const packages = {
  core: require('@nestjs/core'),
  common: require('@nestjs/common'),
  sessions: require('nestjs-session-bag'),
};
require('nestjs-session-bag/adapters/memory');
require('nestjs-session-bag/testing');

void (async () => {
  await checkSessions({ ...packages, platform: () => new ExpressAdapter() });
  await checkSessions({ ...packages, platform: () => new FastifyAdapter() });
})();
