import { Logger } from '@nestjs/common';

const INTERVAL_MS = 60_000;

/** One sentence for the log, at most once a minute however often there is reason to say it. */
export class RareWarning {
  readonly #sentence: string;
  readonly #logger = new Logger('SessionModule');
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(sentence: string) {
    this.#sentence = sentence;
  }

  /** @param detail stands behind the sentence */
  warn(detail?: string): void {
    const now = Date.now();
    if (Math.abs(now - this.#warnedAt) < INTERVAL_MS) return;
    this.#warnedAt = now;
    this.#logger.warn(detail === undefined ? this.#sentence : `${this.#sentence} ${detail}`);
  }
}
