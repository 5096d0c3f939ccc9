import { Injectable } from '@nestjs/common';
import { type Bag, Persistent } from 'nestjs-session-bag';

/**
 * A service with a bag of its own, and a singleton all the same. What it keeps lies in the session
 * under `persistent:LoginAttempts`. A shop would count by account as well: whoever guesses
 * passwords does not send a cookie back.
 */
@Injectable()
export class LoginAttempts {
  @Persistent() private readonly persistent!: Bag<{ failures: number; name: string }>;

  /** Who tried last, so that the name need not be typed again. */
  get name(): string | undefined {
    return this.persistent.get('name');
  }

  /** @returns how many there were in a row */
  async countFailure(name: string): Promise<number> {
    this.persistent.set('name', name);
    return (await this.persistent.update('failures', (failures = 0) => failures + 1)) ?? 0;
  }

  forget(): void {
    this.persistent.clear();
  }
}
