/** What is known of one session from the answers of its requests, whatever ids it had. */
export class Story {
  /** Variables whose storing was acknowledged. */
  readonly stored = new Set<string>();
  /** How often it was asked to count, and how often that was acknowledged. */
  asked = 0;
  counted = 0;
  /** Whoever has logged in last, for all that is known. */
  owner: string | undefined;
  /** Why it may have ended. */
  mayHaveEnded: string | undefined;
  /** What has ended it for certain, and when. */
  end: { readonly by: string; readonly at: number } | undefined;
  /** When requests have given it new ids, or another owner. */
  readonly #moves: { readonly from: number; to: number; readonly owner?: string }[] = [];

  constructor(readonly name: string) {}

  /** @returns what says that it is over; of a login that failed, nobody knows */
  beginMove(from: number, owner?: string): (at: number) => void {
    const move = { from, to: Number.POSITIVE_INFINITY, ...(owner !== undefined && { owner }) };
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

  /** Whether all that gave it an owner had come to its end before. */
  hadSettled(before: number): boolean {
    return this.#moves.every(({ owner, to }) => owner === undefined || to < before);
  }

  /** What is missing or too much in the variables that are found. */
  faultsIn(variables: ReadonlyMap<string, unknown>): string[] {
    const lost = [...this.stored].filter((name) => !variables.has(name));
    const count = (variables.get('count') ?? 0) as number;
    const isPossible = count >= this.counted && count <= this.asked;
    return [
      ...lost.map((name) => `${this.name} has lost ${name}`),
      ...(isPossible ? [] : [`${this.name} counts ${count}, not ${this.counted} to ${this.asked}`]),
      ...(variables.get('story') === this.name ? [] : [`${this.name} shows another session`]),
    ];
  }
}
