import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * Who a process is, so that another can tell whether it still runs.
 *
 * A pid alone does not say: it is given to a later process, counts anew after a boot, and means
 * another process in another container. So the mark also has the time at which the process began
 * and the place (boot and pid namespace) in which the pid holds.
 */
export interface ProcessMark {
  readonly place: string;
  readonly pid: number;
  /** Ticks since boot; empty where there is no /proc, or where no file could be opened any more. */
  readonly began: string;
}

export type Liveness = 'alive' | 'dead' | 'elsewhere';

export async function markOfThisProcess(): Promise<ProcessMark> {
  const [place, stat] = await Promise.all([thisPlace(), statOf('self')]);
  return { place, pid: process.pid, began: stat?.began ?? '' };
}

/** Whether `other` still runs; 'elsewhere' when that cannot be known from where `self` runs. */
export async function livenessOf(other: ProcessMark, self: ProcessMark): Promise<Liveness> {
  if (other.place !== self.place) return 'elsewhere';
  if (other.pid === self.pid) return other.began === self.began ? 'alive' : 'dead';
  if (!pidIsTaken(other.pid)) return 'dead';
  const stat = await statOf(other.pid);
  if (stat === undefined) return 'alive';
  const isSame = other.began === '' || other.began === stat.began;
  return isSame && !stat.ended ? 'alive' : 'dead';
}

async function thisPlace(): Promise<string> {
  const names = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    readlink('/proc/self/ns/pid'),
  ]).catch(() => [hostname()]);
  return createHash('sha256').update(names.join()).digest('base64url').slice(0, 16);
}

function pidIsTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Undefined without /proc, and for a process that has just gone. */
async function statOf(pid: number | 'self'): Promise<ProcessState | undefined> {
  return stateIn(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
}

interface ProcessState {
  readonly began: string;
  readonly ended: boolean;
}

/** What the line says that Linux has for a process in /proc. */
export function stateIn(line: string): ProcessState | undefined {
  // The second field, a name in parentheses, may hold spaces; the third is the state.
  const [state, ...fields] = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [threads, began] = [fields[16], fields[18]];
  if (state === undefined || began === undefined) return undefined;
  // Killed, and not yet noticed by its parent: a zombie has its pid, but does nothing any more. One
  // with a second thread does: that is in a call to the disk, which comes to its end even so.
  return { began, ended: (state === 'Z' || state === 'X') && Number(threads) <= 1 };
}
