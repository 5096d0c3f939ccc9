import 'reflect-metadata';
import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as sessions from 'nestjs-session-bag';
import 'nestjs-session-bag/adapters/memory';
import 'nestjs-session-bag/testing';
import { checkSessions } from './check-sessions.cjs';

const packages = { core, common, sessions };
await checkSessions({ ...packages, platform: () => new ExpressAdapter() });
await checkSessions({ ...packages, platform: () => new FastifyAdapter() });
