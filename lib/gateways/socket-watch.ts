import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { inParallel } from '../store/in-parallel.js';

/** Something that is to be looked at now and then. */
export interface Watched {
  /** When the next look is due, in milliseconds since 1970. */
  readonly checkAt: number;
  /** Sets the time of the next look. Never rejects. */
  check(): Promise<void>;
}

/** Milliseconds between two rounds. */
const ROUND_MS = 1000;

/** Looks at what is due, once a second and some at a time. */
@Injectable()
export class SocketWatch implements OnApplicationShutdown {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;
  #isShutDown = false;

  add(watched: Watched): void {
    this.#watched.add(watched);
    if (this.#timer === undefined) this.#schedule();
  }

  delete(watched: Watched): void {
    this.#watched.delete(watched);
  }

  onApplicationShutdown(): void {
    this.#isShutDown = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = undefined;
    if (this.#isShutDown || this.#watched.size === 0) return;
    this.#timer = setTimeout(() => void this.#round(), ROUND_MS).unref();
  }

  async #round(): Promise<void> {
    const now = Date.now();
    const due = Array.from(this.#watched).filter(({ checkAt }) => checkAt <= now);
    await inParallel(due, (watched) => watched.check());
    this.#schedule();
  }
}
