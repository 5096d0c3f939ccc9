import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as sessions from 'nestjs-session-bag';
import * as memory from 'nestjs-session-bag/adapters/memory';
import 'nestjs-session-bag/express-session';
import 'nestjs-session-bag/testing';
import { checkSessions } from './check-sessions.cjs';

const packages = { core, common, sessions, memory };
const platforms = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };

for (const name of process.argv.slice(2)) {
  await checkSessions({ ...packages, platform: platforms[name] });
}
