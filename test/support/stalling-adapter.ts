import { MemoryAdapter } from '../../lib/adapters/memory.adapter.js';
import type { RecordVersion, StoredRecord } from '../../lib/adapters/session-adapter.js';

/** A store whose connection stays open but from which, while stalled, no answer comes. */
export class StallingAdapter extends MemoryAdapter {
  isStalled = false;

  override read(key: string, ttl?: number): Promise<StoredRecord | undefined> {
    return this.isStalled ? noAnswer() : super.read(key, ttl);
  }

  override create(key: string, data: string, ttl: number): Promise<boolean> {
    return this.isStalled ? noAnswer() : super.create(key, data, ttl);
  }

  override update(
    key: string,
    data: string,
    ttl: number,
    version: RecordVersion,
  ): Promise<boolean> {
    return this.isStalled ? noAnswer() : super.update(key, data, ttl, version);
  }

  override destroy(key: string): Promise<void> {
    return this.isStalled ? noAnswer() : super.destroy(key);
  }
}

function noAnswer(): Promise<never> {
  return new Promise<never>(() => undefined);
}
