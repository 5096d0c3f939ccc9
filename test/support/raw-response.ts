import type { ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { FastifyReply } from 'fastify';

/** What `@Res()` gives, by platform. */
export type PlatformResponse = Response | FastifyReply;

/** Node's own response; Fastify lets go of it. */
export function takeOver(response: PlatformResponse): ServerResponse {
  if (!('hijack' in response)) return response;
  response.hijack();
  return response.raw;
}

/** Node's own response, for headers and early hints; the platform still answers. */
export function rawOf(response: PlatformResponse): ServerResponse {
  return 'raw' in response ? response.raw : response;
}
