/** Lets tasks run one after the other, whatever becomes of those before. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** Whether a task runs or waits for its turn. */
  get areTaken(): boolean {
    return this.#count > 0;
  }

  async take<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(ignore);
    this.#count++;
    try {
      return await turn;
    } finally {
      this.#count--;
    }
  }
}

function ignore(): void {
  // Whoever asked for the turn has the error.
}
