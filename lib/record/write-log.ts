/*
 * The latest writes of a record, by which a writer whose answer was lost finds out whether it
 * succeeded. One text of entries of equal width: it is read and written with every commit but
 * searched only after a fault, so it is kept unparsed.
 */
const ID_WIDTH = 12;
const TIME_WIDTH = 9;
const ENTRY_WIDTH = ID_WIDTH + TIME_WIDTH;
const KEPT_ENTRIES = 16;

/** How a record without any writes begins. */
export const EMPTY_WRITE_LOG = '';

/** The log with one more write; of the older ones the latest 16 stay, and all within `keptMs`. */
export function appendWrite(log: string, id: string, now: number, keptMs: number): string {
  const longest = (KEPT_ENTRIES - 1) * ENTRY_WIDTH;
  let start = 0;
  while (log.length - start > longest && timeAt(log, start) < now - keptMs) start += ENTRY_WIDTH;
  return log.slice(start) + id + now.toString(36).padStart(TIME_WIDTH, '0');
}

/** Whether the record bears that write. */
export function hasWrite(log: string, id: string): boolean {
  return log.includes(id);
}

function timeAt(log: string, start: number): number {
  return Number.parseInt(log.slice(start + ID_WIDTH, start + ENTRY_WIDTH), 36);
}
