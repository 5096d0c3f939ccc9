import type { SessionAdapter } from '../adapters/session-adapter.js';
import { freshKey, type AdapterCase, type SessionAdapterLimit } from './adapter-case.js';
import { concurrencyCases } from './cases/concurrency-cases.js';
import { contentCases } from './cases/content-cases.js';
import { expiryCases } from './cases/expiry-cases.js';
import { lifecycleCases } from './cases/lifecycle-cases.js';
import { recordCases } from './cases/record-cases.js';
import { sharingCases } from './cases/sharing-cases.js';
import { versionCases } from './cases/version-cases.js';

/** @publicApi */
export interface DescribeSessionAdapterOptions {
  /**
   * The function that groups tests.
   *
   * @default the global `describe`, which Jest has, and Vitest with `globals: true`
   */
  readonly describe?: (title: string, body: () => void) => unknown;
  /**
   * The function that registers a test.
   *
   * @default the global `it`
   */
  readonly it?: (title: string, body: () => Promise<void>, timeout?: number) => unknown;
  /**
   * What the adapter is documented not to do. A case about it bears ` (limit)` in its title and
   * asserts the opposite, or what is left.
   *
   * @default []
   */
  readonly limits?: readonly SessionAdapterLimit[];
}

const CASES: Readonly<Record<string, readonly AdapterCase[]>> = {
  records: recordCases,
  content: contentCases,
  versions: versionCases,
  expiry: expiryCases,
  concurrency: concurrencyCases,
  sharing: sharingCases,
  lifecycle: lifecycleCases,
};

/** Milliseconds for one case, for a server that is slow to answer. */
const CASE_TIMEOUT = 20_000;

/**
 * Registers the contract of SessionAdapter as tests, for Jest, Vitest and node:test.
 *
 * Each case has an adapter of its own, opened before and closed afterwards, and keys of its own, so
 * that it can run on a server that others use. Some have two, as two processes have; where each
 * adapter has a store for itself, as in memory, these have one.
 *
 * @param name - stands in the title of the group
 * @param createAdapter - gives a new adapter on the store under test
 * @throws Error when no `describe` and `it` are given and there are no global ones
 * @publicApi
 */
export function describeSessionAdapter(
  name: string,
  createAdapter: () => SessionAdapter | Promise<SessionAdapter>,
  options: DescribeSessionAdapterOptions = {},
): void {
  const { describe, it } = testFunctions(options);
  const limits = options.limits ?? [];
  describe(`${name}: contract of SessionAdapter`, () => {
    for (const [group, cases] of Object.entries(CASES)) {
      describe(group, () => {
        for (const entry of cases) {
          const limit = limits.find((candidate) => entry.under?.[candidate]);
          const body = (limit && entry.under?.[limit]) ?? entry.body;
          const title = limit ? `${entry.title} (limit: ${limit})` : entry.title;
          it(title, () => withAdapter(createAdapter, body), CASE_TIMEOUT);
        }
      });
    }
  });
}

async function withAdapter(
  createAdapter: () => SessionAdapter | Promise<SessionAdapter>,
  body: AdapterCase['body'],
): Promise<void> {
  const created: SessionAdapter[] = [];
  const create = async (): Promise<SessionAdapter> => {
    const adapter = await createAdapter();
    created.push(adapter);
    await adapter.open?.();
    return adapter;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(created.map(async (adapter) => adapter.close?.()));
  };
  try {
    await body(await create(), freshKey(), create);
  } catch (error) {
    // What went wrong first is what counts.
    await closeAll().catch(() => {});
    throw error;
  }
  await closeAll();
}

type TestFunctions = Required<Pick<DescribeSessionAdapterOptions, 'describe' | 'it'>>;

function testFunctions(given: DescribeSessionAdapterOptions): TestFunctions {
  const globals = globalThis as Partial<TestFunctions>;
  const describe = given.describe ?? globals.describe;
  const it = given.it ?? globals.it;
  if (describe === undefined || it === undefined) {
    throw new Error(
      'describeSessionAdapter found no global describe and it. Pass those of your test runner: ' +
        "import { describe, it } from 'node:test'; describeSessionAdapter(name, create, { describe, it }).",
    );
  }
  return { describe, it };
}
