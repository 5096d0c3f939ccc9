import type { SessionAdapter } from '../../lib/adapters/session-adapter.js';
import { describeSessionAdapter, type SessionAdapterLimit } from '../../lib/testing/index.js';

interface SuiteCase {
  readonly title: string;
  readonly body: () => Promise<void>;
}

/** The cases of the suite, for this adapter. */
export function casesOf(
  createAdapter: () => SessionAdapter | Promise<SessionAdapter>,
  limits: readonly SessionAdapterLimit[] = [],
): SuiteCase[] {
  const cases: SuiteCase[] = [];
  describeSessionAdapter('', createAdapter, {
    describe: (_, body) => body(),
    it: (title, body) => cases.push({ title, body }),
    limits,
  });
  return cases;
}

/** The titles of the cases that fail, all of them run at once. */
export async function failuresOf(
  createAdapter: () => SessionAdapter,
  limits?: readonly SessionAdapterLimit[],
): Promise<string[]> {
  const cases = casesOf(createAdapter, limits);
  const results = await Promise.allSettled(cases.map(({ body }) => body()));
  return cases
    .filter((_, index) => results[index]?.status === 'rejected')
    .map(({ title }) => title);
}
