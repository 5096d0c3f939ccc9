import { randomBytes } from 'node:crypto';
import { lstat, readlink, symlink } from 'node:fs/promises';
import { hasCode, removeIfThere, whereThere } from './file-errors.js';
import { LeftLinks, type Link } from './left-links.js';
import { livenessOf, markOfThisProcess, type ProcessMark } from './process-mark.js';

/** Milliseconds after which a lock is let go whose owner cannot be looked at from here. */
const ELSEWHERE_TIME = 10_000;

/** Whoever has it is the only one who changes the record. */
export interface RecordLock {
  /** The links from level 0 up, the last one being the owner's own. */
  readonly links: readonly Link[];
}

/**
 * One lock for each record, held between processes, that does not outlive its owner.
 *
 * A lock is a symbolic link: made at once and only where none is, with the mark of its owner as
 * text. What a killed owner left is never removed by those who want the lock, since the second of
 * two that do so would remove the lock of the first. They go one level up instead:
 *
 * - The lock is had by making the link of level n while the owners of all levels below are dead,
 *   and finding, afterwards, the same links there.
 * - Who has the lock removes the links when its work is done, those below first and its own last.
 *   Who does not get it removes its own link only.
 *
 * So it is had by one at a time: were two at work, at levels i < j, the upper one has seen the link
 * of a dead owner at i, which nobody but itself removes; the lower one cannot have made its own there.
 *
 * A link whose removal failed goes later: as long as it stands, its owner has the lock still, and
 * lives.
 *
 * A process in another pid namespace (containers that share the folder) cannot be looked at: its
 * lock is let go after ten seconds. A lock is held for the milliseconds of one write.
 */
export class RecordLocks {
  #self: Promise<ProcessMark> | undefined;
  readonly #left = new LeftLinks();
  readonly #linkPath: (record: string, level: number) => string;

  /** @param linkPath - where the link of a level stands */
  constructor(linkPath: (record: string, level: number) => string) {
    this.#linkPath = linkPath;
  }

  /**
   * The lock of `record`; undefined while a living process has it.
   *
   * @param levels - how many levels are taken at least, to be removed at the release: above its own
   *   link stays what an owner left that was killed while it removed the links below
   */
  async take(record: string, levels = 1): Promise<RecordLock | undefined> {
    this.#self ??= markOfThisProcess();
    const self = await this.#self;
    const text = `${textOf(self)}:${randomBytes(12).toString('base64url')}`;
    const links: Link[] = [];
    try {
      let made = false;
      while (!made || links.length < levels) {
        const path = this.#linkPath(record, links.length);
        made = await madeLink(path, text);
        const link = made ? { path, text } : await linkOfDeadOwner(path, self);
        if (link) links.push(link);
        if (!link || !(await areThere(links))) {
          await this.#remove(ownOf(links, text));
          return undefined;
        }
      }
      return { links };
    } catch (error) {
      await this.#remove(ownOf(links, text));
      throw error;
    }
  }

  /** Never rejects, since the work is done: what the disk does not let go goes later. */
  async release({ links }: RecordLock): Promise<void> {
    await this.#remove(links);
  }

  /** After a `close`, goes on removing what the disk does not let go at once. */
  open(): void {
    this.#left.open();
  }

  /** Tries a last time to remove what the disk did not let go. Never rejects. */
  async close(): Promise<void> {
    await this.#left.close();
  }

  async #remove(links: readonly Link[]): Promise<void> {
    try {
      for (const { path } of links) await removeIfThere(path);
    } catch {
      this.#left.add(links);
    }
  }
}

function ownOf(links: readonly Link[], ownText: string): Link[] {
  return links.filter(({ text }) => text === ownText);
}

async function areThere(links: readonly Link[]): Promise<boolean> {
  for (const { path, text } of links.slice(0, -1)) {
    if ((await whereThere(readlink(path))) !== text) return false;
  }
  return true;
}

async function madeLink(path: string, text: string): Promise<boolean> {
  try {
    await symlink(text, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Undefined when the owner lives, or the link was removed just now. */
async function linkOfDeadOwner(path: string, self: ProcessMark): Promise<Link | undefined> {
  const text = await whereThere(readlink(path));
  if (text === undefined) return undefined;
  const liveness = await livenessOf(ownerOf(text), self);
  const isDead = liveness === 'dead' || (liveness === 'elsewhere' && (await isOld(path)));
  return isDead ? { path, text } : undefined;
}

async function isOld(path: string): Promise<boolean> {
  const link = await whereThere(lstat(path));
  return link !== undefined && Date.now() - link.mtimeMs > ELSEWHERE_TIME;
}

function textOf({ place, pid, began }: ProcessMark): string {
  return `${place}:${pid}:${began}`;
}

function ownerOf(text: string): ProcessMark {
  const [place = '', pid, began = ''] = text.split(':');
  return { place, pid: Number(pid), began };
}
