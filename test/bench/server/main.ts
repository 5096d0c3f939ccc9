// One application in a process of its own, told what it is in its first argument, and asked for its
// use of the machine over the channel to its parent.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Variant } from '../variants.js';
import { beginProfile, endProfile } from './profiler.js';
import { startServer } from './start-server.js';
import type { Question, Usage } from './usage.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const port = await startServer(JSON.parse(process.argv[2] ?? '') as Variant);
process.on('message', (question: Question) => {
  void answer(question).then((message) => process.send?.(message));
});
// Whoever started the process wants it no more.
process.once('disconnect', () => process.exit());
process.send?.({ port });

async function answer(question: Question): Promise<object> {
  if (question === 'begin profile') await beginProfile();
  if (question === 'end profile') return endProfile();
  if (question === 'settled') collectGarbage();
  return usage();
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: user + system, rss, heapUsed };
}
