import { frame, unframe } from './frame.js';

/** One session in the list of its owner. Times are milliseconds since 1970. */
export interface OwnerEntry {
  readonly key: string;
  readonly createdAt: number;
  readonly loggedInAt: number;
  /** When it was put on the list: its record may follow a moment later. */
  readonly listedAt: number;
  /** Whether its record is not known to be stored yet: until then nobody has its id. */
  readonly isArriving?: boolean | undefined;
  /** Its former keys, the latest first: to end one of them is to end this session. */
  readonly formerKeys?: readonly string[] | undefined;
  /** When it left each of them, in their order. For the oldest ones that may be missing. */
  readonly leftAt?: readonly number[] | undefined;
  /** What the application keeps beside the session, such as the device's name. */
  readonly info?: Readonly<Record<string, string>> | undefined;
}

/** The list of an owner's sessions. */
export interface OwnerList {
  readonly sessions: readonly OwnerEntry[];
  /**
   * Until when one of them may live, by the longest lifetime of those who have written the list.
   */
  readonly until?: number | undefined;
}

/** The text of an owner's list, to be stored under `key`. */
export function serializeOwnerList(key: string, { sessions, until }: OwnerList): string {
  return frame(key, 'owner', JSON.stringify({ sessions, until }));
}

/** @throws UnreadableRecordError */
export function parseOwnerList(key: string, data: string): OwnerList {
  return JSON.parse(unframe(key, 'owner', data)) as OwnerList;
}
