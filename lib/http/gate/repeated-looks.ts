/** Milliseconds until the first look. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 500;
/** Milliseconds after which nobody looks any more. */
const LOOKED_FOR = 300_000;
/** What is looked at stays in memory: a request and its response, some ten kilobytes. */
const MOST_LOOKS = 1_000;

/** Looks again and again, for five minutes, at the latest thousand of what it is given. */
export class RepeatedLooks {
  readonly #looks = new Set<() => boolean>();

  /** @param look says whether to look again, within half a second */
  add(look: () => boolean): void {
    this.#looks.add(look);
    const [oldest = look] = this.#looks;
    if (this.#looks.size > MOST_LOOKS) this.#lookOnce(oldest);
    this.#lookAfter(FIRST_PAUSE, look, performance.now() + LOOKED_FOR);
  }

  #lookAfter(pause: number, look: () => boolean, end: number): void {
    setTimeout(() => {
      if (!this.#looks.has(look)) return;
      if (performance.now() > end) this.#lookOnce(look);
      else if (look()) this.#lookAfter(Math.min(LONGEST_PAUSE, pause * 1.5), look, end);
      else this.#looks.delete(look);
    }, pause).unref();
  }

  #lookOnce(look: () => boolean): void {
    this.#looks.delete(look);
    look();
  }
}
