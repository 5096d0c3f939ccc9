import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers';

/**
 * Lets what is written to a connection in one turn of the event loop leave together. A write of its
 * own for each command is a system call that wakes the server: it costs more than all else of the
 * command.
 */
export class GroupedWrites {
  #held: Writable | undefined;

  /** Whether something waits for the end of this turn. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** What is written to the stream from now on leaves at the end of this turn. */
  hold(stream: Writable): void {
    if (this.#held === stream) return;
    this.#held = stream;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      if (this.#held === stream) this.#held = undefined;
    });
  }
}
