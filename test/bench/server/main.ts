// One application in a process of its own, told what it is in its first argument, and asked for its
// use of the machine over the channel to its parent.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Variant } from '../variants.js';
import { startServer } from './start-server.js';
import type { Usage } from './usage.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const port = await startServer(JSON.parse(process.argv[2] ?? '') as Variant);
process.on('message', (question: 'usage' | 'settled') => {
  if (question === 'settled') collectGarbage();
  process.send?.(usage());
});
// Whoever started the process wants it no more.
process.once('disconnect', () => process.exit());
process.send?.({ port });

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: user + system, rss, heapUsed };
}
