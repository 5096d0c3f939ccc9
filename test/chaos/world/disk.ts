import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pollUntil } from '../../support/poll.js';

const run = promisify(execFile);
const SIZE = '8m';
const CHUNK = 4096;
const REMOUNTED_WITHIN = 60_000;

/** A small disk of its own, in memory, that can be full or read-only. Mounting it needs root. */
export class Disk {
  /** @throws with what is needed, where it cannot be mounted */
  static async mount(): Promise<Disk> {
    const folder = await mkdtemp(join(tmpdir(), 'disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE},mode=0700`, 'chaos', folder]);
    } catch (cause) {
      await rm(folder, { recursive: true });
      throw new Error(
        'A disk that is full or read-only needs a tmpfs of its own, which could not be mounted. ' +
          'Run it as root on Linux, in a container with CAP_SYS_ADMIN.',
        { cause },
      );
    }
    return new Disk(folder);
  }

  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Leaves no room for a single byte more. */
  async fill(): Promise<void> {
    const handle = await open(this.#filler, 'w');
    try {
      for (;;) await handle.write(Buffer.alloc(CHUNK));
    } catch {
      // It is full.
    } finally {
      await handle.close();
    }
  }

  async makeRoom(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  async setReadOnly(isReadOnly: boolean): Promise<void> {
    const mode = isReadOnly ? 'ro' : 'rw';
    // It is refused while a file is open to be written, so it is asked for in between. On a busy
    // machine that takes a while.
    await pollUntil(() => run('mount', ['-o', `remount,${mode}`, this.folder]), {
      within: REMOUNTED_WITHIN,
      what: `the disk is ${mode}`,
      every: 1,
    });
  }

  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
    await rm(this.folder, { recursive: true });
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
