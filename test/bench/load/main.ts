// The load in a process of its own, so that only the server's work is counted as the server's.
import type { Job, JobResult } from './jobs.js';
import { Visitors } from './visitors.js';

const visitors = new Map<string, Visitors>();

process.on('message', (job: Job) => {
  perform(job).then(
    (result) => report({ result }),
    (error: Error) => report({ error: error.stack ?? String(error) }),
  );
});
process.once('disconnect', () => process.exit());

async function perform(job: Job) {
  const key = `${job.port} ${job.route.name}`;
  if (job.kind === 'prepare') {
    visitors.get(key)?.close();
    visitors.set(key, await Visitors.prepare(job));
    return null;
  }
  const prepared = visitors.get(key);
  if (!prepared) throw new Error(`Nobody has prepared ${key}.`);
  return prepared.run(job);
}

function report(result: JobResult): void {
  process.send?.(result);
}
