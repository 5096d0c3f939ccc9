/** What a store says of the state in which it keeps a record; it changes with every write. */
export type RecordVersion = string | number;

/** A live record as the store has it. */
export interface StoredRecord {
  readonly data: string;
  readonly version: RecordVersion;
}

/**
 * The driver of one store: four methods on opaque text.
 *
 * A method that cannot reach its store rejects. It never answers "absent" or false for that, since
 * a session that cannot be read is not a session that is gone.
 *
 * @publicApi
 */
export abstract class SessionAdapter {
  /**
   * The live record under `key`; its life is set to `ttl` seconds from now when `ttl` is given.
   * Undefined when there is none or it has expired.
   */
  abstract read(key: string, ttl?: number): Promise<StoredRecord | undefined>;

  /** Stores a record for `ttl` seconds, only where none lives. False: the key is taken. */
  abstract create(key: string, data: string, ttl: number): Promise<boolean>;

  /**
   * Replaces the record only while its version is still `version`, and gives it `ttl` seconds.
   * False: it was changed, or it is gone.
   */
  abstract update(key: string, data: string, ttl: number, version: RecordVersion): Promise<boolean>;

  /** Removes the record. Nothing there is no error. */
  abstract destroy(key: string): Promise<void>;

  /** Connects. Called once before use; on an adapter that is open already it does nothing. */
  open?(): Promise<void>;

  /** Lets go of connections and timers; a second call does nothing. What is in flight rejects. */
  close?(): Promise<void>;

  /** Resolves when the store answers. */
  ping?(): Promise<void>;

  /** Removes what has expired, where the store does not do so itself. Resolves to the count. */
  sweep?(): Promise<number>;
}
