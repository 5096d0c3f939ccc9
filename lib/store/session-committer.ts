import { hasWrite, Writer } from '../record/write-log.js';
import type { Deadline } from './deadline.js';
import type { KeyQueue } from './key-queue.js';
import { isOutcomeUnknown, MAX_FAULTS } from './outcome.js';
import type { OpenSession, RecordStore, Rewrite } from './record-store.js';
import type { FoundLive, SessionFinder } from './session-finder.js';
import type { SessionTeller } from './session-teller.js';

/** Stores changes of sessions by compare-and-swap, as often as it takes. */
export class SessionCommitter {
  readonly #records: RecordStore;
  readonly #finder: SessionFinder;
  readonly #teller: SessionTeller;
  readonly #commits: KeyQueue;
  readonly #writer = new Writer();

  /** @param commits where this process's commits wait for each other */
  constructor(
    records: RecordStore,
    finder: SessionFinder,
    teller: SessionTeller,
    commits: KeyQueue,
  ) {
    this.#records = records;
    this.#finder = finder;
    this.#teller = teller;
    this.#commits = commits;
  }

  /**
   * Swaps the record for what `rewrite` makes of the newest one. The resulting snapshot has no
   * version where this commit was the last to write, and one where others have written after it.
   *
   * @throws SessionConflictException when the session is gone
   * @throws SessionStoreUnavailableException, SessionSerializationException
   */
  commit(
    deadline: Deadline,
    { id, snapshot: known }: OpenSession,
    rewrite: Rewrite,
  ): Promise<OpenSession> {
    return this.#commits.run(known.key, deadline, async (waited) => {
      const writeId = this.#writer.nextWrite(known.key);
      const fresh = waited ? undefined : this.#records.swapBase(known);
      let newest: FoundLive | undefined = fresh && { id, snapshot: fresh };
      for (let attempt = 0, faults = 0, isLost = false; ; attempt++) {
        newest ??= await this.#finder.newest(deadline, id, faults === 0);
        if (attempt > 0 && hasWrite(newest.snapshot.record.writes, writeId)) return newest;
        if (isLost) this.#teller.changed(newest.snapshot);
        isLost = false;
        try {
          const record = rewrite(newest.snapshot);
          const written = await this.#records.replace(deadline, newest.snapshot, record, writeId);
          if (written) return { id: newest.id, snapshot: written, left: newest.left };
          isLost = true;
        } catch (error) {
          if (!isOutcomeUnknown(error) || ++faults === MAX_FAULTS) throw error;
        }
        newest = undefined;
        if (attempt > 0) await deadline.backOff(attempt);
      }
    });
  }
}
