import { SessionSerializationException } from '../exceptions/session.exceptions.js';
import type { SessionSerializer } from '../interfaces/session-serializer.interface.js';
import { decodeValue } from './decode-value.js';
import { encodeValue } from './encode-value.js';
import { frame, unframe, UnreadableRecordError } from './frame.js';
import { isPlainObject } from './plain-object.js';
import type { TypeNote } from './value-types.js';

/** The variables of a session by their full names. */
export type Variables = Map<string, unknown>;

/**
 * A session as it is stored. Times are milliseconds since 1970. A new field is written by
 * `sessionText`; the compiler tells the other places.
 */
export interface SessionRecord {
  readonly createdAt: number;
  /** Who is logged in. */
  readonly owner?: string | undefined;
  readonly loggedInAt?: number | undefined;
  /** When the id was issued, where it is later than the session. */
  readonly renewedAt?: number | undefined;
  /** The session's own idle lifetime in seconds, where it differs from the application's. */
  readonly lifetime?: number | undefined;
  /** The latest writes, see write-log. */
  readonly writes: string;
  readonly variables: Variables;
}

/** A record of which each field is named: where one is copied, none can be forgotten. */
export type EachField<T> = { readonly [K in keyof Required<T>]: T[K] };

/** The mark under an id that was exchanged for a new one, until it is deleted. It opens nothing. */
export interface Replaced {
  /** The id of the write that put it there. */
  readonly replacedBy: string;
  /**
   * The new id, sealed for those who know the old one, and until when it may be used. The end is set
   * when the mark is settled.
   */
  readonly alias?: { readonly sealed: string; readonly until?: number | undefined } | undefined;
  /** Whether it may have to be taken back or, with an alias, the client may not have the new id. */
  readonly isUnsettled?: boolean | undefined;
}

interface StoredSession extends Omit<SessionRecord, 'variables'> {
  readonly variables?: Record<string, unknown>;
  readonly types?: Record<string, readonly TypeNote[]> | undefined;
  /** The variables as one text, where the application has a serializer of its own. */
  readonly text?: string;
}

/**
 * The text to store under `key`.
 *
 * @throws SessionSerializationException
 */
export function serializeRecord(
  key: string,
  record: SessionRecord | Replaced,
  serializer?: SessionSerializer,
): string {
  const text = 'replacedBy' in record ? JSON.stringify(record) : sessionText(record, serializer);
  return frame(key, 'session', text);
}

/** @throws UnreadableRecordError */
export function parseRecord(
  key: string,
  data: string,
  serializer?: SessionSerializer,
): SessionRecord | Replaced {
  const content = unframe(key, 'session', data);
  try {
    return fromStored(JSON.parse(content) as StoredSession | Replaced, serializer);
  } catch {
    throw new UnreadableRecordError();
  }
}

/** JSON, put together by hand: making one object of it all, to be gone through, takes twice as long. */
function sessionText(record: SessionRecord, serializer?: SessionSerializer): string {
  const { createdAt, owner, loggedInAt, renewedAt, lifetime, writes, variables } = record;
  return (
    `{"createdAt":${createdAt}` +
    field('owner', owner) +
    field('loggedInAt', loggedInAt) +
    field('renewedAt', renewedAt) +
    field('lifetime', lifetime) +
    field('writes', writes) +
    (serializer ? field('text', serializeWith(serializer, variables)) : variableFields(variables)) +
    '}'
  );
}

function variableFields(variables: Variables): string {
  let values = '';
  let types = '';
  for (const [name, value] of variables) {
    const { json, notes } = encodeValue(value, name);
    values += field(name, json);
    if (notes.length > 0) types += field(name, notes);
  }
  const typesField = types === '' ? '' : `,"types":{${types.slice(1)}}`;
  return `,"variables":{${values.slice(1)}}${typesField}`;
}

/** With its comma before it; nothing for undefined. */
function field(name: string, value: unknown): string {
  return value === undefined ? '' : `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
}

function fromStored(
  stored: StoredSession | Replaced,
  serializer?: SessionSerializer,
): SessionRecord | Replaced {
  if ('replacedBy' in stored) return stored;
  const { createdAt, owner, loggedInAt, renewedAt, lifetime, writes } = stored;
  const variables =
    stored.text === undefined
      ? restoreVariables(stored.variables ?? {}, stored.types)
      : deserializeWith(serializer, stored.text);
  const record = { createdAt, owner, loggedInAt, renewedAt, lifetime, writes, variables };
  return record satisfies EachField<SessionRecord>;
}

function restoreVariables(
  stored: Record<string, unknown>,
  types: StoredSession['types'],
): Variables {
  const variables = new Map<string, unknown>();
  for (const name of Object.keys(stored)) variables.set(name, stored[name]);
  if (types === undefined) return variables;
  for (const [name, notes] of Object.entries(types)) {
    variables.set(name, decodeValue(variables.get(name), notes));
  }
  return variables;
}

function serializeWith(serializer: SessionSerializer, variables: Variables): string {
  let text: unknown;
  try {
    text = serializer.serialize(Object.fromEntries(variables));
  } catch (cause) {
    throw new SessionSerializationException('The serializer of the options failed.', { cause });
  }
  if (typeof text === 'string') return text;
  throw new SessionSerializationException(
    'The serializer of the options must return a string from serialize().',
  );
}

function deserializeWith(serializer: SessionSerializer | undefined, text: string): Variables {
  const variables: unknown = serializer?.deserialize(text);
  if (!isPlainObject(variables)) throw new TypeError('deserialize() must return a plain object');
  return new Map(Object.entries(variables));
}
