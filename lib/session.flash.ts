import { randomUUID } from 'node:crypto';
import type { BagVariables } from './bag.js';
import { isPlainObject } from './record/plain-object.js';

interface FlashMessage {
  readonly type: string;
  readonly text: string;
}

/** The bag that holds the messages, each under a name of its own. */
const BAG = 'flash:messages';

/**
 * Messages for the next page that shows them, after Phalcon's `Flash\Session`: kept in the session,
 * so that they outlive a redirect, and removed as they are shown. Each message is a variable of its
 * own: those of parallel requests are all kept.
 *
 * @publicApi
 */
export class SessionFlash {
  readonly #variables: BagVariables;

  /** @internal A session has one, as `session.flash`. */
  constructor(variables: BagVariables) {
    this.#variables = variables;
  }

  success(text: string): this {
    return this.message('success', text);
  }

  notice(text: string): this {
    return this.message('notice', text);
  }

  warning(text: string): this {
    return this.message('warning', text);
  }

  error(text: string): this {
    return this.message('error', text);
  }

  /**
   * Adds a message of the type `'message'`. It throws as `session.set` does.
   *
   * @param text as it is to be read; escaping it is the template's part
   */
  message(text: string): this;
  /**
   * Adds a message of a type of one's own. It throws as `session.set` does.
   *
   * @param type any name that is not empty
   * @param text as it is to be read; escaping it is the template's part
   */
  message(type: string, text: string): this;
  message(...given: [text: string] | [type: string, text: string]): this {
    const [type, text] = given.length === 1 ? ['message', given[0]] : given;
    if (typeof text !== 'string') throw new TypeError('The text of a flash message is a string.');
    assertType(type);
    this.#variables.set({ name: BAG, property: createName() }, { type, text });
    return this;
  }

  /** Whether there is a message of that type, or of any. */
  has(type?: string | null): boolean {
    return this.#entries(type).length > 0;
  }

  /**
   * The messages in the order in which they were added: the texts of one type, or those of all
   * types by type.
   *
   * @param remove whether they are shown now, and so not again. What a parallel request adds
   * meanwhile stays
   * @default remove true
   */
  messages(type?: null, remove?: boolean): Record<string, string[]>;
  messages(type: string, remove?: boolean): string[];
  messages(type?: string | null, remove?: boolean): Record<string, string[]> | string[];
  messages(type?: string | null, remove = true): Record<string, string[]> | string[] {
    const found = this.#entries(type);
    if (remove) for (const [property] of found) this.#variables.remove({ name: BAG, property });
    const messages = found.map(([, message]) => message);
    return typeof type === 'string' ? messages.map(({ text }) => text) : byType(messages);
  }

  /** Removes all messages, unseen. */
  clear(): this {
    this.#variables.clearBag(BAG);
    return this;
  }

  #entries(type: string | null | undefined): [property: string, message: FlashMessage][] {
    if (type !== undefined && type !== null) assertType(type);
    return this.#variables.properties(BAG).flatMap((property) => {
      const message = this.#variables.get({ name: BAG, property });
      if (!isMessage(message) || (type ?? message.type) !== message.type) return [];
      return [[property, message]];
    });
  }
}

/** Tells the messages of parallel requests apart. Too long for an index, which would be sorted. */
function createName(): string {
  return randomUUID().slice(-12);
}

function byType(messages: readonly FlashMessage[]): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { type, text } of messages) {
    const group = groups.get(type);
    if (group) group.push(text);
    else groups.set(type, [text]);
  }
  return Object.fromEntries(groups);
}

/** Another program, or an interceptor, may have made something else of it. */
function isMessage(value: unknown): value is FlashMessage {
  return (
    isPlainObject(value) && typeof value['type'] === 'string' && typeof value['text'] === 'string'
  );
}

function assertType(type: unknown): asserts type is string {
  if (typeof type === 'string' && type !== '') return;
  throw new TypeError('The type of a flash message is a string that is not empty.');
}
