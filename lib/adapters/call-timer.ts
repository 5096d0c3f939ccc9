const NOWHERE = -1;

/** A call that is under way. */
export class TimedCall {
  /** Where its timer keeps it. */
  place = NOWHERE;

  /**
   * @param end the time of `performance.now()` at which it has taken too long
   * @param fail called once, when it is not removed before
   */
  constructor(
    readonly end: number,
    readonly fail: (reason: Error) => void,
  ) {}
}

/**
 * Ends what takes too long, with one timer for all: nearly every store call is over long before, and
 * a timer for each would cost more than many of them.
 */
export class CallTimer {
  readonly #lateness: () => Error;
  /** A list and no Set, for the reason that stands at `BriefMap`. */
  #calls: TimedCall[] = [];
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  /** @param lateness makes what a call fails with that takes too long */
  constructor(lateness: () => Error) {
    this.#lateness = lateness;
  }

  /** How many calls are under way. */
  get size(): number {
    return this.#calls.length;
  }

  /** As `TimedCall` has it. To be removed when it is over. */
  add(end: number, fail: (reason: Error) => void): TimedCall {
    const call = new TimedCall(end, fail);
    call.place = this.#calls.push(call) - 1;
    if (end < this.#wakesAt) this.#wakeAt(end);
    return call;
  }

  /** Whether it was still in time. */
  remove(call: TimedCall): boolean {
    const { place } = call;
    if (this.#calls[place] !== call) return false;
    const last = this.#calls.pop();
    if (last && last !== call) {
      this.#calls[place] = last;
      last.place = place;
    }
    return true;
  }

  /** Ends every call that is under way. */
  failAll(reason: Error): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const call of calls) call.fail(reason);
  }

  #wakeAt(end: number): void {
    clearTimeout(this.#timer);
    this.#wakesAt = end;
    // Rounded up: Node cuts off fractions, and who wakes too early has to wait again.
    this.#timer = setTimeout(
      () => this.#wake(),
      Math.max(0, Math.ceil(end - performance.now())),
    ).unref();
  }

  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const late = this.#calls.filter(({ end }) => end <= now);
    for (const call of late) this.remove(call);
    const next = this.#calls.reduce((first, { end }) => Math.min(first, end), this.#wakesAt);
    if (next < this.#wakesAt) this.#wakeAt(next);
    for (const call of late) call.fail(this.#lateness());
  }
}
