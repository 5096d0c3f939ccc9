import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { StoreHealth } from '../store-health.js';

/**
 * An indicator for `@nestjs/terminus`: up while the store of the sessions answers.
 *
 * @publicApi
 */
@Injectable()
export class SessionHealthIndicator {
  readonly #indicators: HealthIndicatorService;
  readonly #modules: ModuleRef;

  constructor(indicators: HealthIndicatorService, modules: ModuleRef) {
    this.#indicators = indicators;
    this.#modules = modules;
  }

  /**
   * Asks the store, by the adapter's `ping` or, where it has none, by reading a record that nobody
   * has. Answers within `storeTimeout`, and never rejects.
   *
   * @param key the name of this check in the result
   */
  async isHealthy<const Key extends string>(key: Key): Promise<HealthIndicatorResult<Key>> {
    const indicator = this.#indicators.check(key);
    const { isUp } = await this.#modules.get(StoreHealth, { strict: false }).check();
    return isUp ? indicator.up() : indicator.down('The session store does not answer.');
  }
}
