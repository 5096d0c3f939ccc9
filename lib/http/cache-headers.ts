import type { ServerResponse } from 'node:http';

/** Adds `Cookie` to what the answer varies by, unless it is there or the answer varies by all (`*`). */
export function addVaryCookie(response: ServerResponse): void {
  if (!response.hasHeader('Vary')) {
    response.setHeader('Vary', 'Cookie');
    return;
  }
  const vary = headerText(response, 'Vary');
  const fields = listOf(vary);
  if (fields.includes('cookie') || fields.includes('*')) return;
  response.setHeader('Vary', fields.length === 0 ? 'Cookie' : `${vary}, Cookie`);
}

/** Seconds. */
const RETRY_AFTER = 1;

/** Tells the client of a store that fails to come again soon, unless the application said when. */
export function askToRetry(response: ServerResponse): void {
  if (!response.hasHeader('Retry-After')) response.setHeader('Retry-After', RETRY_AFTER);
  forbidCaching(response);
}

/** Keeps an answer that sets a cookie out of every cache, unless the application saw to that itself. */
export function forbidCaching(response: ServerResponse): void {
  const directives = listOf(headerText(response, 'Cache-Control'));
  if (directives.includes('private') || directives.includes('no-store')) return;
  response.setHeader('Cache-Control', 'no-store');
}

function headerText(response: ServerResponse, name: string): string {
  const value = response.getHeader(name);
  return Array.isArray(value) ? value.join(', ') : String(value ?? '');
}

function listOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
