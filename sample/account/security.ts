import { Injectable } from '@nestjs/common';
import { type Bag, Persistent } from 'nestjs-session-bag';

/** The code of every account in this sample. */
export const CODE = '1234';

/**
 * A service with a bag of its own, and a singleton all the same. What it keeps lies in the session
 * under `persistent:Security`.
 */
@Injectable()
export class Security {
  @Persistent() private readonly persistent!: Bag<{ failures: number }>;

  /** Wrong codes in a row in this session. An application would count by account as well. */
  get failures(): number {
    return this.persistent.failures ?? 0;
  }

  async accepts(code: string): Promise<boolean> {
    if (code === CODE) {
      delete this.persistent.failures;
      return true;
    }
    await this.persistent.update('failures', (failures = 0) => failures + 1);
    return false;
  }
}
