import { setTimeout as delay } from 'node:timers/promises';
import type { CompiledPrograms } from '../../support/compiled-programs.js';
import { AppProcess, type Ending } from '../app/app-process.js';
import { HttpClient } from '../users/http-client.js';
import { growthBetween, HoldingsOverTime } from './holdings-over-time.js';

export interface SoakReport {
  readonly sessions: number;
  readonly seconds: number;
  /** Answers that were no new session. */
  readonly errors: number;
  /** Before, now and then meanwhile, and after. */
  readonly holdings: HoldingsOverTime;
  /** What did not return to what it was before. */
  readonly growth: readonly string[];
  readonly ending: Ending;
}

/** Seconds: as short as a session can live. */
const LIFETIME = 1;
const VISITORS = 32;
const WARM_UP = 2000;
/** Milliseconds between two sweeps: the library itself sweeps every ten minutes. */
const SWEPT_EVERY = 5000;
const PATIENCE = 30_000;
const ENDS_WITHIN = 10_000;

/** Many visitors, each with a session that nobody uses again: what is left of them. */
export async function runSoak(programs: CompiledPrograms, sessions: number): Promise<SoakReport> {
  const app = await AppProcess.start(programs, {
    platform: 'fastify',
    options: { adapter: 'memory', lifetime: LIFETIME, absoluteLifetime: LIFETIME },
  });
  const client = new HttpClient(app.port, PATIENCE);
  try {
    const holdings = new HoldingsOverTime();
    let errors = await visit(client, WARM_UP);
    await sampleAfterExpiry(app, holdings);

    const begun = performance.now();
    const sweeping = setInterval(() => void holdings.sample(app, 'sweep'), SWEPT_EVERY);
    errors += await visit(client, sessions).finally(() => clearInterval(sweeping));
    const seconds = (performance.now() - begun) / 1000;
    await sampleAfterExpiry(app, holdings);

    const [before, after] = [holdings.samples[0], holdings.samples.at(-1)];
    const growth = before && after ? growthBetween(before, after) : ['nothing was measured'];
    // Not even connections of visitors: what is left would keep the process alive.
    client.close();
    return { sessions, seconds, errors, holdings, growth, ending: await app.close(ENDS_WITHIN) };
  } finally {
    client.close();
    await app.kill();
  }
}

/** Resolves to how many of them had no answer, or another one. */
async function visit(client: HttpClient, sessions: number): Promise<number> {
  let [left, errors] = [sessions, 0];
  const visitor = async (): Promise<void> => {
    while (left-- > 0) {
      const reply = await client.send('POST', `/begin/visitor${left}`, undefined);
      const isNew = 'status' in reply && reply.status === 201 && reply.setCookies.length === 1;
      if (!isNew) errors++;
    }
  };
  await Promise.all(Array.from({ length: VISITORS }, visitor));
  return errors;
}

async function sampleAfterExpiry(app: AppProcess, holdings: HoldingsOverTime): Promise<void> {
  await delay(1000 * LIFETIME + 100);
  await holdings.sample(app, 'sweep');
}
