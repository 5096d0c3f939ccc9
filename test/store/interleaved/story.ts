/** A request, or something else, that has ended a session for certain. */
export interface End {
  readonly by: string;
  readonly at: number;
}

interface OwnerMove {
  readonly from: number;
  to: number;
  readonly owner?: string | undefined;
}

/** What is known of one session from the answers of its requests, whatever ids it had. */
export class Story {
  /** How often it was asked to count. */
  asked = 0;
  /** Whoever has logged in last, for all that is known. */
  owner: string | undefined;
  /** Why it may have ended. */
  mayHaveEnded: string | undefined;
  end: End | undefined;
  /** Whether one of its requests was refused, which may leave a record behind. */
  isRefused = false;
  /** The ids that its browser was told, and from when on they open nothing. */
  readonly ids = new Map<string, number>();
  /** The names of its copies. */
  readonly copies = new Set<string>();
  /** Variables whose storing was acknowledged, and when. */
  readonly #stored = new Map<string, number>();
  /** When it was acknowledged that it has counted. */
  readonly #counted: number[] = [];
  /** When requests have given it new ids, or another owner. */
  readonly #moves: OwnerMove[] = [];

  constructor(readonly name: string) {}

  /** What begins as a copy of it, in a request that has begun at a time. */
  copy(name: string, from: number): Story {
    const copy = new Story(name);
    for (const [variable, at] of this.#stored) if (at < from) copy.#stored.set(variable, at);
    copy.owner = this.owner;
    copy.mayHaveEnded = this.mayHaveEnded;
    copy.#moves.push(...this.#moves.map((move) => ({ ...move })));
    this.copies.add(name);
    return copy;
  }

  stored(variable: string, at: number): void {
    this.#stored.set(variable, at);
  }

  counted(at: number): void {
    this.#counted.push(at);
  }

  /** Its browser has an id. */
  told(id: string): void {
    if (!this.ids.has(id)) this.ids.set(id, Number.POSITIVE_INFINITY);
  }

  /** These ids were exchanged for one. */
  retire(ids: readonly string[], at: number): void {
    for (const id of ids) this.ids.set(id, Math.min(at, this.ids.get(id) ?? at));
  }

  /** @returns what says that it is over; of a login that failed, nobody knows */
  beginMove(from: number, owner?: string): (at: number) => void {
    const move: OwnerMove = { from, to: Number.POSITIVE_INFINITY, owner };
    this.#moves.push(move);
    return (at) => {
      move.to = at;
    };
  }

  get hadOwner(): boolean {
    return this.#moves.some(({ owner }) => owner !== undefined);
  }

  /**
   * Whether somebody who found it at a time under its owner can follow it. Nothing in the store leads
   * from an id that another process has exchanged to the new one, but the list of the same owner.
   */
  canBeFollowed(from: number, owner: string | undefined): boolean {
    const later = this.#moves.filter(({ to }) => to >= from);
    if (owner === undefined) return later.length === 0;
    return later.every((move) => move.owner === undefined || move.owner === owner);
  }

  /** Whether it is this owner's, and all that gave it an owner had come to its end before. */
  isSettledOf(owner: string, before: number): boolean {
    if (this.owner !== owner) return false;
    return this.#moves.every((move) => move.owner === undefined || move.to < before);
  }

  /** What somebody who comes with an id of this session at a time must not find. */
  faultsOf(id: string, found: unknown, from: number): string[] {
    const isRetired = (this.ids.get(id) ?? from) < from;
    const isOwn = found === this.name || this.copies.has(found as string);
    return [
      ...(isOwn ? [] : [`an id of ${this.name} opens another session`]),
      ...(isRetired ? [`an id that ${this.name} has left opens it`] : []),
      ...this.faultsOfLife(from),
    ];
  }

  /** What is wrong where it lives. */
  faultsOfLife(from: number): string[] {
    if (this.end === undefined || this.end.at >= from) return [];
    return [`${this.name} lives, and was ended by ${this.end.by}`];
  }

  /** What is missing or too much in the variables that are found by who has begun to look at a time. */
  faultsIn(variables: ReadonlyMap<string, unknown>, from: number): string[] {
    const stored = [...this.#stored].filter(([, at]) => at < from);
    const lost = stored.filter(([name]) => !variables.has(name));
    const count = (variables.get(this.counter) ?? 0) as number;
    const least = this.#counted.filter((at) => at < from).length;
    const isPossible = count >= least && count <= this.asked;
    return [
      ...lost.map(([name]) => `${this.name} has lost ${name}`),
      ...(isPossible ? [] : [`${this.name} counts ${count}, not ${least} to ${this.asked}`]),
      ...(variables.get('story') === this.name ? [] : [`${this.name} shows another session`]),
    ];
  }

  /** The variable in which it counts. */
  get counter(): string {
    return `count of ${this.name}`;
  }
}
