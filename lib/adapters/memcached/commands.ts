import { crc32 } from 'node:zlib';
import { type Response, Utils } from 'memjs';
import { expiryOf } from './expiry.js';

/** Those with "key" in their names send the key back, which proves whose answer it is. */
const Opcode = {
  ADD: 0x02,
  REPLACE: 0x03,
  DELETE: 0x04,
  NOOP: 0x0a,
  GET_KEY: 0x0c,
  GET_AND_TOUCH_KEY: 0x23,
} as const;

export const Status = {
  OK: 0,
  NOT_FOUND: 1,
  EXISTS: 2,
  TOO_LARGE: 3,
  OUT_OF_MEMORY: 0x82,
} as const;

const EMPTY = Buffer.alloc(0);
const CAS_OFFSET = 16;
const RESPONSE = 0x81;

/** One request of the binary protocol, and what its answer has to look like. */
export interface Command {
  readonly opcode: number;
  readonly key: string;
  readonly extras: Buffer;
  readonly value: Buffer;
  /** Eight bytes; the command then holds only for the item that has them. */
  readonly cas?: Buffer;
  /** False for an answer that cannot be the one to this command. */
  proves?(response: Response): boolean;
}

/** The item, its life extended when `ttl` is given. Its proof is the content's, too. */
export function getCommand(key: string, ttl?: number): Command {
  return {
    opcode: ttl === undefined ? Opcode.GET_KEY : Opcode.GET_AND_TOUCH_KEY,
    key,
    extras: ttl === undefined ? EMPTY : Utils.makeExpiration(expiryOf(ttl)),
    value: EMPTY,
    proves: (response) => echoes(key, response) && hasItsProof(key, response),
  };
}

/** The same for an item that may have been written without a proof: its key alone is proved. */
export function getUnprovenCommand(key: string, ttl?: number): Command {
  return { ...getCommand(key, ttl), proves: (response) => echoes(key, response) };
}

export function addCommand(key: string, value: Buffer, ttl: number): Command {
  return { opcode: Opcode.ADD, key, value, extras: storageExtras(key, value, ttl) };
}

/** REPLACE and not SET: a SET that fails for want of memory deletes the item that was there. */
export function replaceCommand(key: string, value: Buffer, ttl: number, cas: Buffer): Command {
  return { opcode: Opcode.REPLACE, key, value, cas, extras: storageExtras(key, value, ttl) };
}

export function deleteCommand(key: string): Command {
  return { opcode: Opcode.DELETE, key, value: EMPTY, extras: EMPTY };
}

export function noopCommand(): Command {
  return { opcode: Opcode.NOOP, key: '', value: EMPTY, extras: EMPTY };
}

/** `opaque` comes back with the answer. */
export function encode({ opcode, key, extras, value, cas }: Command, opaque: number): Buffer {
  const request = Utils.makeRequestBuffer(opcode, key, extras, value, opaque);
  cas?.copy(request, CAS_OFFSET);
  return request;
}

export function isAnswerTo(command: Command, response: Response): boolean {
  const { magic, opcode } = response.header;
  if (magic !== RESPONSE || opcode !== command.opcode) return false;
  return command.proves?.(response) ?? true;
}

/** Only found and not found bear the key; an error bears a text in place of it. */
function echoes(key: string, { header, key: echo }: Response): boolean {
  const { OK, NOT_FOUND } = Status;
  return (header.status !== OK && header.status !== NOT_FOUND) || echo.equals(Buffer.from(key));
}

function hasItsProof(key: string, { header, extras, val }: Response): boolean {
  if (header.status !== Status.OK) return true;
  return extras.length === 4 && extras.readUInt32BE(0) === proofOf(key, val);
}

/** What ADD and REPLACE store beside the value: four bytes that are the application's own. */
function proofOf(key: string, value: Buffer): number {
  return crc32(value, crc32(key));
}

function storageExtras(key: string, value: Buffer, ttl: number): Buffer {
  const extras = Buffer.alloc(8);
  extras.writeUInt32BE(proofOf(key, value), 0);
  extras.writeUInt32BE(expiryOf(ttl), 4);
  return extras;
}
