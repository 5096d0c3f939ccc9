/** Something that is over at a time of `performance.now()`. */
export interface Expiring {
  readonly end: number;
  /** Called once, when it is not removed before. */
  expire(): void;
}

/**
 * Ends what takes too long, with one timer for all: nearly every store call is over long before, and
 * a timer for each would cost more than many of them.
 */
export class CallTimer {
  readonly #waiting = new Set<Expiring>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;

  add(call: Expiring): void {
    this.#waiting.add(call);
    if (call.end < this.#wakesAt) this.#wakeAt(call.end);
  }

  /** Whether it was still in time. */
  remove(call: Expiring): boolean {
    return this.#waiting.delete(call);
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
    let next = Number.POSITIVE_INFINITY;
    for (const call of this.#waiting) {
      if (call.end > now) next = Math.min(next, call.end);
      else {
        this.#waiting.delete(call);
        call.expire();
      }
    }
    if (next < this.#wakesAt) this.#wakeAt(next);
  }
}
