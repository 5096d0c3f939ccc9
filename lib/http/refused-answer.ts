import { type ServerResponse, STATUS_CODES } from 'node:http';
import {
  SessionConflictException,
  SessionStoreUnavailableException,
} from '../exceptions/session.exceptions.js';
import { askToRetry, forbidCaching } from './cache-headers.js';
import type { NativeMethods } from './gate/native-methods.js';

/** Held headers that speak for the answer that is not given. `*` stands for any ending. */
export const REFUSED_HEADERS: readonly string[] = [
  'set-cookie',
  'location',
  'refresh',
  'etag',
  'last-modified',
  'content-*',
  'cache-control',
  'expires',
  'pragma',
  'accept-ranges',
  'transfer-encoding',
  'trailer',
  'clear-site-data',
  'retry-after',
];

/** Security headers that stay, although `content-*` names them. */
export const KEPT_HEADERS: readonly string[] = [
  'content-security-policy',
  'content-security-policy-report-only',
];

/**
 * Answers in place of the application when its changes were not accepted: in the shape of Nest's
 * exception filters, without success, without a cookie. Nothing of the response may have been sent.
 */
export function refuseAnswer(
  response: ServerResponse,
  native: NativeMethods,
  reason: unknown,
): void {
  const status = refusedStatus(reason);
  const body = JSON.stringify({ statusCode: status, message: refusedMessage(reason) });
  dropHeldHeaders(response);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  if (status === 503) askToRetry(response);
  else forbidCaching(response);
  native.writeHead.call(response, status, STATUS_CODES[status]);
  native.end.call(response, response.req.method === 'HEAD' ? undefined : body);
}

function refusedStatus(reason: unknown): 409 | 500 | 503 {
  if (reason instanceof SessionStoreUnavailableException) return 503;
  if (reason instanceof SessionConflictException) return 409;
  return 500;
}

/** Nest's own words for an unknown error, the status' words for the others. */
export function refusedMessage(reason: unknown): string | undefined {
  const status = refusedStatus(reason);
  return status === 500 ? 'Internal server error' : STATUS_CODES[status];
}

function dropHeldHeaders(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) {
    if (isRefused(name)) response.removeHeader(name);
  }
}

function isRefused(name: string): boolean {
  if (KEPT_HEADERS.includes(name)) return false;
  return REFUSED_HEADERS.some((refused) =>
    refused.endsWith('*') ? name.startsWith(refused.slice(0, -1)) : name === refused,
  );
}
