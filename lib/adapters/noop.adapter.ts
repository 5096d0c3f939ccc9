import { SessionAdapter } from './session-adapter.js';

/**
 * Accepts every record and keeps none: each request begins with an empty session. For tests, and
 * for switching sessions off by one option.
 *
 * @publicApi
 */
export class NoopAdapter extends SessionAdapter {
  async read(): Promise<undefined> {
    return undefined;
  }

  async create(): Promise<boolean> {
    return true;
  }

  async update(): Promise<boolean> {
    return true;
  }

  async destroy(): Promise<void> {}

  /** There is nothing to reach. */
  override async ping(): Promise<void> {}
}
