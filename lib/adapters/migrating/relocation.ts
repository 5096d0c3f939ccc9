import { SessionStoreUnavailableException } from '../../exceptions/session.exceptions.js';
import type { RecordVersion, SessionAdapter } from '../session-adapter.js';
import { endedNote, movedNote, movingNote, type Note, readNote } from './note.js';

/** Seconds for which a note keeps those away who have seen what was there before it. */
const NOTE_TTL = 60;
/** Milliseconds after which nobody acts on what it has seen: well before a note about it ends. */
const MEMORY_MS = 30_000;
/** How often a record is tried to be ended that others change meanwhile. */
const MAX_ATTEMPTS = 20;

type Moving = Extract<Note, { kind: 'moving' }>;

/**
 * One record's way from the old store to the new one. Whoever moves it first replaces it by a note
 * that holds it, so that nobody changes it any more; then everybody who finds the note can bring the
 * record over, and the one whose `create` the new store accepts has done it.
 */
export class Relocation {
  readonly #from: SessionAdapter;
  readonly #to: SessionAdapter;
  readonly #key: string;
  /** What this knows is as old as it is itself. */
  readonly #since = performance.now();

  constructor(from: SessionAdapter, to: SessionAdapter, key: string) {
    this.#from = from;
    this.#to = to;
    this.#key = key;
  }

  /** Moves `data` in place of the record that the old store has. False: that was changed. */
  async replace(data: string, ttl: number, version: RecordVersion): Promise<boolean> {
    const moving = noteOf(data, ttl);
    if (!(await this.#from.update(this.#key, textOf(moving), ttl, version))) return false;
    await this.finish(moving);
    return true;
  }

  /** Moves `data` where the old store has nothing. False: it has something. */
  async begin(data: string, ttl: number): Promise<boolean> {
    const moving = noteOf(data, ttl);
    if (!(await this.#from.create(this.#key, textOf(moving), ttl))) return false;
    await this.finish(moving);
    return true;
  }

  /** Brings over what a note in the old store holds; another one may have done so. */
  async finish(moving: Moving): Promise<void> {
    const ttl = Math.ceil((moving.expires - Date.now()) / 1000);
    this.assertFresh();
    if (ttl > 0) await this.#to.create(this.#key, moving.data, ttl);
    const left = await this.#from.read(this.#key);
    if (left?.data !== textOf(moving)) return;
    await this.#from.update(this.#key, movedNote, NOTE_TTL, left.version);
  }

  /**
   * Empties the note of a record that the new store has had. It would come in again where what stands
   * there now ends before the note does.
   */
  async dropCopy(): Promise<void> {
    const old = await this.#from.read(this.#key);
    if (!old || readNote(old.data).kind !== 'moving') return;
    await this.#from.update(this.#key, movedNote, NOTE_TTL, old.version);
  }

  /**
   * Ends the record for good, in the old store first: nothing may be left there that comes in when the
   * note ends which the new store gets. Where this rejects, the record is there as before, or gone.
   */
  async end(): Promise<void> {
    const isToRemove = await this.#endOld();
    await this.#endNew();
    if (isToRemove) await this.#removeNote();
  }

  async #removeNote(): Promise<void> {
    try {
      await this.#from.destroy(this.#key);
    } catch {
      // It opens nothing, and ends by itself.
    }
  }

  /** Has the old store hold no record; whether it had one. What is on its way arrives first. */
  async #endOld(): Promise<boolean> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const old = await this.#from.read(this.#key);
      const note = old && readNote(old.data);
      if (!old || note?.kind === 'moved') return attempt > 0;
      if (note?.kind === 'moving') await this.finish(note);
      else if (await this.#from.update(this.#key, movedNote, NOTE_TTL, old.version)) return true;
    }
    throw neverStill();
  }

  /** Has the new store refuse the record for those who are about to bring it over. */
  async #endNew(): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      if (await this.#to.create(this.#key, endedNote, NOTE_TTL)) return;
      const current = await this.#to.read(this.#key);
      if (!current) continue;
      if (await this.#to.update(this.#key, endedNote, NOTE_TTL, current.version)) return;
    }
    throw neverStill();
  }

  /**
   * @throws SessionStoreUnavailableException when what was seen may be outdated, and the notes that
   * would tell so may be gone
   */
  assertFresh(): void {
    if (performance.now() - this.#since < MEMORY_MS) return;
    throw new SessionStoreUnavailableException(
      'A store took too long for a session that moves to another one. Check the stores; the session ' +
        'moves with its next request.',
    );
  }
}

function neverStill(): SessionStoreUnavailableException {
  return new SessionStoreUnavailableException(
    'A session that is to end was changed again and again meanwhile. Try again; if this goes on, look ' +
      'for a program that writes to either store by itself.',
  );
}

function noteOf(data: string, ttl: number): Moving {
  return { kind: 'moving', data, expires: Date.now() + ttl * 1000 };
}

function textOf({ data, expires }: Moving): string {
  return movingNote(data, expires);
}
