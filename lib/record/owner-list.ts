import { frame, unframe } from './frame.js';

/** One session in the list of its owner. Times are milliseconds since 1970. */
export interface OwnerEntry {
  readonly key: string;
  readonly createdAt: number;
  readonly loggedInAt: number;
  /** When it was put on the list: its record may follow a moment later. */
  readonly listedAt: number;
  /** Whether its record was not known to stand: until then nobody has its id. */
  readonly isArriving?: boolean | undefined;
  /** Its keys of before, the latest first: who ends the session under one of them means this one. */
  readonly formerKeys?: readonly string[] | undefined;
  /** When it left each of them, in their order; of the last ones that may not be known. */
  readonly leftAt?: readonly number[] | undefined;
  /** What the application keeps beside the session, such as the device's name. */
  readonly info?: Readonly<Record<string, string>> | undefined;
}

/** The text of an owner's list, to be stored under `key`. */
export function serializeOwnerList(key: string, sessions: readonly OwnerEntry[]): string {
  return frame(key, 'owner', JSON.stringify({ sessions }));
}

/** @throws UnreadableRecordError */
export function parseOwnerList(key: string, data: string): readonly OwnerEntry[] {
  const { sessions } = JSON.parse(unframe(key, 'owner', data)) as {
    sessions: readonly OwnerEntry[];
  };
  return sessions;
}
