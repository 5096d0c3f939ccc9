import { createHash } from 'node:crypto';
import type { SessionAdapter } from '../../../lib/adapters/session-adapter.js';

/** What a record holds: the number of its last write, or nothing. */
type Content = string | undefined;

const CHECKSUM_LENGTH = 64;

/** The records of one writer after the other: what must stand there, by what they have said. */
export class WrittenRecords {
  readonly names: readonly string[];
  readonly wrong: string[] = [];
  /** Writes that were acknowledged. */
  writes = 0;
  /** How many writers have died. */
  kills = 0;
  /** How many of them in the middle of a write. */
  midWrite = 0;
  nextNumber = 1;
  readonly #adapter: SessionAdapter;
  readonly #contents = new Map<string, Content>();
  /** The write that was begun and not acknowledged. */
  #open: { readonly name: string; readonly content: Content } | undefined;

  constructor(names: readonly string[], adapter: SessionAdapter) {
    this.names = names;
    this.#adapter = adapter;
  }

  /** How many of them must be there. */
  get live(): number {
    return this.names.filter((name) => this.#contents.get(name) !== undefined).length;
  }

  /** Takes a line of the writer: `begin <name> <number, or nothing for a removal>`, then `done`. */
  hear(line: string): void {
    if (line !== 'done') {
      const [, name = '', number = ''] = line.split(' ');
      this.#open = { name, content: number === '' ? undefined : number };
      this.nextNumber++;
    } else if (this.#open !== undefined) {
      this.#contents.set(this.#open.name, this.#open.content);
      this.#open = undefined;
      this.writes++;
    }
  }

  /** The writer is dead: each record is the last one acknowledged, or the one it was writing. */
  async check(): Promise<void> {
    this.kills++;
    if (this.#open !== undefined) this.midWrite++;
    for (const name of this.names) {
      const record = await this.#adapter.read(name);
      const found = record && contentOf(record.data);
      const acknowledged = this.#contents.get(name);
      const isOpen = this.#open?.name === name && this.#open.content === found;
      if (found !== acknowledged && !isOpen) {
        this.wrong.push(`${name}: ${found ?? 'nothing'} instead of ${acknowledged ?? 'nothing'}`);
      }
      this.#contents.set(name, found);
    }
    this.#open = undefined;
  }
}

/** What a writer has written, if it is whole: a checksum, the number, and text of any length. */
function contentOf(data: string): string {
  const content = data.slice(CHECKSUM_LENGTH + 1);
  const checksum = createHash('sha256').update(content).digest('hex');
  return data.startsWith(`${checksum} `) ? (content.split(' ')[0] ?? '') : 'a torn record';
}
