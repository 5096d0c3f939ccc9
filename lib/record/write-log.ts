import { hash, randomUUID } from 'node:crypto';

/*
 * The latest writes of a record, by which a writer whose answer was lost finds out whether it
 * succeeded. One text of entries of equal width: it is read and written with every commit but
 * searched only after a fault, so it is kept unparsed. An entry is a writer, the numbers of its first
 * and its last write here, and the time of the last one.
 */
const WRITER_WIDTH = 8;
const NUMBER_WIDTH = 4;
const ID_WIDTH = WRITER_WIDTH + NUMBER_WIDTH;
const RANGE_WIDTH = ID_WIDTH + NUMBER_WIDTH;
const TIME_WIDTH = 9;
const ENTRY_WIDTH = RANGE_WIDTH + TIME_WIDTH;
const NUMBERS = 36 ** NUMBER_WIDTH;

/**
 * So many entries stay whatever their times say: a process whose clock is wrong takes those of all
 * others for old. As many come at ten writes a second while a writer may look for its own. They
 * take 1.6 kB, where each write has a name of its own.
 */
const FEWEST_ENTRIES = 64;
/** More are not kept, whatever the times say: 25 kB. */
const MOST_ENTRIES = 1000;

/** How a record without any writes begins. */
export const EMPTY_WRITE_LOG = '';

/** The id of a write by somebody who writes only once. */
export function createWriteId(): string {
  return randomUUID().slice(-ID_WIDTH);
}

/**
 * Makes the ids of a writer that writes again and again, but never twice under one key at a time.
 * An id is a name and a number that counts up. If a write is in the log, so are all earlier ones of
 * its name: together they take one entry. Each key has a name of its own, since two keys may lead
 * to one record.
 */
export class Writer {
  #name = randomUUID();
  #number = 0;

  /** @param key what the write waits its turn under */
  nextWrite(key: string): string {
    if (++this.#number === NUMBERS) {
      this.#name = randomUUID();
      this.#number = 0;
    }
    const name = hash('sha256', this.#name + key, 'base64url').slice(0, WRITER_WIDTH);
    return name + this.#number.toString(36).padStart(NUMBER_WIDTH, '0');
  }
}

/** The log with one more write: the latest 64 stay, and up to 1000 of the last `keptMs`. */
export function appendWrite(log: string, id: string, now: number, keptMs: number): string {
  const writer = id.slice(0, WRITER_WIDTH);
  const last = id.slice(WRITER_WIDTH);
  const at = entryOf(log, writer);
  const others = at === -1 ? log : log.slice(0, at) + log.slice(at + ENTRY_WIDTH);
  const isLater = at !== -1 && firstAt(log, at) < last;
  const first = isLater ? firstAt(log, at) : last;
  return trimmed(others, now, keptMs) + writer + first + last + timeText(now);
}

/** Whether the record bears that write. */
export function hasWrite(log: string, id: string): boolean {
  const at = entryOf(log, id.slice(0, WRITER_WIDTH));
  const number = id.slice(WRITER_WIDTH);
  return at !== -1 && firstAt(log, at) <= number && number <= lastAt(log, at);
}

/** Where the entry of a writer begins; -1 if there is none. */
function entryOf(log: string, writer: string): number {
  let at = log.indexOf(writer);
  while (at !== -1 && at % ENTRY_WIDTH !== 0) at = log.indexOf(writer, at + 1);
  return at;
}

/**
 * The log without old entries, and with room for one more. An entry from further in the future than
 * `keptMs` comes from a wrong clock and counts as old; else all that came after it would stay until
 * then.
 */
function trimmed(log: string, now: number, keptMs: number): string {
  let start = Math.max(0, log.length - (MOST_ENTRIES - 1) * ENTRY_WIDTH);
  const last = log.length - (FEWEST_ENTRIES - 1) * ENTRY_WIDTH;
  while (start < last && Math.abs(now - timeAt(log, start)) > keptMs) start += ENTRY_WIDTH;
  return log.slice(start);
}

function firstAt(log: string, entry: number): string {
  return log.slice(entry + WRITER_WIDTH, entry + ID_WIDTH);
}

function lastAt(log: string, entry: number): string {
  return log.slice(entry + ID_WIDTH, entry + RANGE_WIDTH);
}

function timeAt(log: string, entry: number): number {
  return Number.parseInt(log.slice(entry + RANGE_WIDTH, entry + ENTRY_WIDTH), 36);
}

function timeText(now: number): string {
  return now.toString(36).padStart(TIME_WIDTH, '0');
}
