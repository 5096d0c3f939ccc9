import { BriefMap } from '../adapters/brief-map.js';

/** Lets what this process does under one key happen one after the other. */
export class KeyTurns {
  readonly #tails = new BriefMap<Promise<void>>();

  /** Runs `task` when those before it under the same key have settled. */
  async take<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const turn = before ? before.then(task) : task();
    const tail = turn.then(nothing, nothing);
    this.#tails.set(key, tail);
    try {
      return await turn;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

function nothing(): void {
  // Whoever took the turn has the outcome.
}
