import { inspect } from 'node:util';

/** An id as it is issued: 32 bytes in base64url. */
const ID_LENGTH = 43;
const LONG_WORDS = /[\w-]{43,}/g;
/** What was sealed opens a session, or is one. */
const SEALED = /sealed1\.[\w-]{8}\.[\w-]{40,}/;
/** How a test marks values that must not be told. */
const MARKED = /(?:canary|secret)-[\w-]*/;

/** Keeps what was issued and what was said in a test file, and finds the one in the other. */
export class LeakWatch {
  readonly #ids = new Set<string>();
  readonly #said: string[] = [];

  /** How many ids were issued. */
  get issuedCount(): number {
    return this.#ids.size;
  }

  issued(id: string): void {
    this.#ids.add(id);
  }

  /** Something was logged, printed, or made the message of an error of ours. */
  said(...given: readonly unknown[]): void {
    this.#said.push(given.map(inWhole).join(' '));
  }

  /** What was said and holds an id, a sealed text or a marked value. */
  leaks(): string[] {
    return this.#said.filter((text) => this.#isLeak(text));
  }

  /** Forgets what was said. */
  forget(): void {
    this.#said.length = 0;
  }

  #isLeak(text: string): boolean {
    return SEALED.test(text) || MARKED.test(text) || this.#holdsId(text);
  }

  #holdsId(text: string): boolean {
    for (const [word] of text.matchAll(LONG_WORDS)) {
      for (let start = 0; start + ID_LENGTH <= word.length; start++) {
        if (this.#ids.has(word.slice(start, start + ID_LENGTH))) return true;
      }
    }
    return false;
  }
}

/** That of the test file that runs. */
export const leakWatch = new LeakWatch();

/** What a careless logger could get out of a value: properties of any depth, stacks and causes. */
export function inWhole(value: unknown): string {
  if (typeof value === 'string') return value;
  return inspect(value, { depth: 8, showHidden: true, maxStringLength: Infinity });
}
