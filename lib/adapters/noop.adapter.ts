import { type RecordVersion, SessionAdapter, type StoredRecord } from './session-adapter.js';

/**
 * Accepts every record and keeps none: each request begins with an empty session. For tests, and
 * for switching sessions off by one option.
 *
 * @publicApi
 */
export class NoopAdapter extends SessionAdapter {
  // Whole signatures, so that the class can be called and extended as the contract has it.
  async read(_key: string, _ttl?: number): Promise<StoredRecord | undefined> {
    return undefined;
  }

  async create(_key: string, _data: string, _ttl: number): Promise<boolean> {
    return true;
  }

  async update(
    _key: string,
    _data: string,
    _ttl: number,
    _version: RecordVersion,
  ): Promise<boolean> {
    return true;
  }

  async destroy(_key: string): Promise<void> {}

  /** There is nothing to reach. */
  override async ping(): Promise<void> {}
}
