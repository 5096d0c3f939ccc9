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
  return Array.from((await reasonsOf(createAdapter, limits)).keys());
}

/** What the cases that fail say, by their titles. */
export async function reasonsOf(
  createAdapter: () => SessionAdapter,
  limits?: readonly SessionAdapterLimit[],
): Promise<Map<string, string>> {
  const cases = casesOf(createAdapter, limits);
  const results = await Promise.allSettled(cases.map(({ body }) => body()));
  const reasons = new Map<string, string>();
  for (const [index, { title }] of cases.entries()) {
    const result = results[index];
    if (result?.status === 'rejected') reasons.set(title, (result.reason as Error).message);
  }
  return reasons;
}
