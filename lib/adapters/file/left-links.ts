import { readlink } from 'node:fs/promises';
import { removeIfThere, whereThere } from './file-errors.js';

/** A link of a lock. */
export interface Link {
  readonly path: string;
  /** Unlike that of any other link ever made. */
  readonly text: string;
}

/** Milliseconds between two tries: short enough for a write that waits for the lock. */
const PAUSE = 200;

/**
 * The links of locks that the disk did not let go: it was read-only for a moment, or failed. Their
 * owner, this process, lives, so that nobody else removes them. It is tried again until it works or
 * there is a last try; no process is kept alive for that.
 */
export class LeftLinks {
  /** The links of each lock, in the order in which they are to go. */
  readonly #left = new Set<readonly Link[]>();
  #timer: NodeJS.Timeout | undefined;
  /** The tries of one time. Never two at once: the later one could remove what is no longer ours. */
  #trying = Promise.resolve();
  #isClosed = false;

  /** After a `close`, what is left is tried again by and by. */
  open(): void {
    this.#isClosed = false;
    this.#tryLater();
  }

  add(links: readonly Link[]): void {
    this.#left.add(links);
    this.#tryLater();
  }

  /** Tries once more, and then no longer. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#tryNow();
  }

  #tryLater(): void {
    if (this.#isClosed || this.#timer !== undefined || this.#left.size === 0) return;
    this.#timer = setTimeout(() => {
      void this.#tryNow().then(() => {
        this.#timer = undefined;
        this.#tryLater();
      });
    }, PAUSE).unref();
  }

  #tryNow(): Promise<void> {
    this.#trying = this.#trying.then(() => this.#try());
    return this.#trying;
  }

  async #try(): Promise<void> {
    for (const links of this.#left) {
      if (await areGone(links)) this.#left.delete(links);
    }
  }
}

/** Removes them, as far as the disk allows it. */
async function areGone(links: readonly Link[]): Promise<boolean> {
  try {
    for (const { path, text } of links) {
      // From another pid namespace it may have been removed, and another one made in its place.
      if ((await whereThere(readlink(path))) === text) await removeIfThere(path);
    }
    return true;
  } catch {
    return false;
  }
}
