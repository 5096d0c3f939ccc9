/** Somebody who wants to know when a session ends. */
export interface EndListener {
  /** The session's key. A renewed id changes it. */
  key: string;
  onEnd(): void;
}

/** Tells at once of the sessions that this process ends, by their keys. */
export class SessionEnds {
  readonly #listeners = new Map<string, Set<EndListener>>();

  watch(listener: EndListener): void {
    const listeners = this.#listeners.get(listener.key);
    if (listeners) listeners.add(listener);
    else this.#listeners.set(listener.key, new Set([listener]));
  }

  unwatch(listener: EndListener): void {
    const listeners = this.#listeners.get(listener.key);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(listener.key);
  }

  announce(key: string): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    this.#listeners.delete(key);
    for (const listener of listeners) listener.onEnd();
  }

  /** The session lives on under another key. */
  follow(from: string, to: string): void {
    const listeners = this.#listeners.get(from);
    if (listeners === undefined) return;
    this.#listeners.delete(from);
    for (const listener of listeners) {
      listener.key = to;
      this.watch(listener);
    }
  }
}
