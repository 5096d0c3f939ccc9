import { randomUUID } from 'node:crypto';

/*
 * The latest writes of a record, by which a writer whose answer was lost finds out whether it
 * succeeded. One text of entries of equal width: it is read and written with every commit but
 * searched only after a fault, so it is kept unparsed.
 */
const WRITER_WIDTH = 8;
const TURN_WIDTH = 4;
const ID_WIDTH = WRITER_WIDTH + TURN_WIDTH;
const TIME_WIDTH = 9;
const ENTRY_WIDTH = ID_WIDTH + TIME_WIDTH;
const KEPT_ENTRIES = 16;
const TURNS = 36 ** TURN_WIDTH;

/** How a record without any writes begins. */
export const EMPTY_WRITE_LOG = '';

/** The id of a write by somebody who writes only once. */
export function createWriteId(): string {
  return randomUUID().slice(-ID_WIDTH);
}

/**
 * The ids of one who writes again and again, but never twice to one record at a time: when the next
 * write is made the one before is settled, and takes no room in the log any more. A record that is
 * written often by few processes stays small.
 */
export class WriteTurns {
  readonly #writer = randomUUID().slice(-WRITER_WIDTH);
  #turn = 0;

  next(): string {
    this.#turn = (this.#turn + 1) % TURNS;
    return this.#writer + this.#turn.toString(36).padStart(TURN_WIDTH, '0');
  }
}

/**
 * The log with one more write. Of other writers the latest 16 writes stay, and all within `keptMs`;
 * of this one only the new.
 */
export function appendWrite(log: string, id: string, now: number, keptMs: number): string {
  const others = withoutWriter(log, id.slice(0, WRITER_WIDTH));
  const longest = (KEPT_ENTRIES - 1) * ENTRY_WIDTH;
  let start = 0;
  while (others.length - start > longest && timeAt(others, start) < now - keptMs) {
    start += ENTRY_WIDTH;
  }
  return others.slice(start) + id + now.toString(36).padStart(TIME_WIDTH, '0');
}

/** Whether the record bears that write. */
export function hasWrite(log: string, id: string): boolean {
  return log.includes(id);
}

function withoutWriter(log: string, writer: string): string {
  let at = log.indexOf(writer);
  while (at !== -1 && at % ENTRY_WIDTH !== 0) at = log.indexOf(writer, at + 1);
  return at === -1 ? log : log.slice(0, at) + log.slice(at + ENTRY_WIDTH);
}

function timeAt(log: string, start: number): number {
  return Number.parseInt(log.slice(start + ID_WIDTH, start + ENTRY_WIDTH), 36);
}
