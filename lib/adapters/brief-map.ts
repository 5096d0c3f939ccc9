/** A table this small is not worth being made anew. */
const SMALL = 2;

/**
 * A map whose entries stay for moments. In V8 a Map, and a Set, that entries come to and go from takes
 * a new table all the time, and each old table leads to the next: once one of them has grown old, all
 * later ones survive every minor garbage collection, and so does whatever lay in them, up to whole
 * requests. A new map as often as its entries have changed breaks that chain.
 */
export class BriefMap<V> {
  #entries = new Map<string, V>();
  #deleted = 0;

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    if (!this.#entries.delete(key) || ++this.#deleted < this.#entries.size + SMALL) return;
    this.#entries = new Map(this.#entries);
    this.#deleted = 0;
  }
}
