import { access, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const LIBRARIES = [LIBRARY, LIBRARY.replace('x86_64', 'aarch64')];

/** The clock of one process of the application, by libfaketime: it can jump. */
export class Clock {
  /** @throws with what is needed, where libfaketime is not installed */
  static async create(): Promise<Clock> {
    const library = await findLibrary();
    const folder = await mkdtemp(join(tmpdir(), 'clock-'));
    const clock = new Clock(library, folder);
    await clock.jumpTo(0);
    return clock;
  }

  readonly #library: string;
  readonly #folder: string;

  private constructor(library: string, folder: string) {
    this.#library = library;
    this.#folder = folder;
  }

  /** What a process is started with to have this clock. Time that only goes on stays true. */
  get env(): NodeJS.ProcessEnv {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds ahead of the true time; negative for behind */
  async jumpTo(seconds: number): Promise<void> {
    // Replaced as a whole: whoever reads it meanwhile must not find it empty.
    const next = join(this.#folder, 'next');
    await writeFile(next, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(next, this.#file);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  get #file(): string {
    return join(this.#folder, 'time');
  }
}

async function findLibrary(): Promise<string> {
  for (const library of LIBRARIES) {
    const isThere = await access(library).then(
      () => true,
      () => false,
    );
    if (isThere) return library;
  }
  throw new Error('Clocks that jump need libfaketime: apt-get install libfaketime');
}
