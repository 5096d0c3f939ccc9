import { SessionStoreUnavailableException } from '../../../lib/exceptions/session.exceptions.js';
import { sessionKey } from '../../../lib/record/ids.js';
import { parseRecord } from '../../../lib/record/record.js';
import type { OpenSession } from '../../../lib/store/record-store.js';
import type { SessionStore } from '../../../lib/store/session-store.js';
import { DEFAULTS, type SessionProcess } from '../../security/session-process.js';
import { OWNERS } from './acts.js';
import type { Browser } from './browser.js';
import type { Play } from './play.js';

const AT_LAST = Number.POSITIVE_INFINITY;

/** Looks at what has become of all when nothing goes on any more, and notes what is wrong. */
export async function judge(play: Play): Promise<void> {
  const process = play.startOnlooker();
  for (const browser of play.browsers) await judgeBrowser(play, process, browser);
  await judgeIds(play, process);
  await judgeRecords(play, process);
}

async function judgeBrowser(
  play: Play,
  { store }: SessionProcess,
  { id, story }: Browser,
): Promise<void> {
  if (id === undefined || story === undefined) return;
  const found = await look(play, store, id);
  if (found) play.faults.push(...story.faultsIn(found.snapshot.record.variables, AT_LAST));
  else if (story.mayHaveEnded === undefined) play.faults.push(`${story.name} is lost`);
}

/** Of all ids that browsers were ever told. */
async function judgeIds(play: Play, { store }: SessionProcess): Promise<void> {
  for (const story of play.stories.values()) {
    for (const id of story.ids.keys()) {
      const found = await look(play, store, id);
      const name = found?.snapshot.record.variables.get('story');
      if (found) play.faults.push(...story.faultsOf(id, name, AT_LAST));
    }
  }
}

/** Nothing, too, where a process has died while it gave the session a new id: others wait for that. */
function look(play: Play, store: SessionStore, id: string): Promise<OpenSession | undefined> {
  return play.finished(store.peek(id)).catch((error: unknown) => {
    if (play.hasFaults && error instanceof SessionStoreUnavailableException) return undefined;
    throw error;
  });
}

/** With faults and deaths a record may be left under an id that nobody has been told. */
async function judgeRecords(play: Play, process: SessionProcess): Promise<void> {
  const told = new Set(
    [...play.stories.values()].flatMap(({ ids }) =>
      [...ids.keys()].map((id) => sessionKey(DEFAULTS.prefix, id)),
    ),
  );
  const listed = await judgeLists(play, process);
  for (const key of play.calls.sessionKeys) {
    if (told.has(key) || !play.hasFaults) await judgeRecord(play, key, { listed, told });
  }
}

/** @returns the keys that are listed */
async function judgeLists(play: Play, { store }: SessionProcess): Promise<Set<string>> {
  const listed = new Set<string>();
  for (const owner of OWNERS) {
    const sessions = await play.finished(store.owned.list(owner));
    for (const { entry } of sessions) listed.add(entry.key);
    if (sessions.length <= play.mostSessions || play.hasFaults) continue;
    play.faults.push(`${owner} has ${sessions.length} sessions`);
  }
  return listed;
}

async function judgeRecord(
  { memory, stories, faults }: Play,
  key: string,
  { listed, told }: { readonly listed: ReadonlySet<string>; readonly told: ReadonlySet<string> },
): Promise<void> {
  const data = (await memory.read(key))?.data;
  const record = data === undefined ? undefined : parseRecord(key, data);
  if (record === undefined || !('variables' in record)) return;
  const story = stories.get(record.variables.get('story') as string);
  if (story === undefined) return void faults.push('there is a session of nobody');
  faults.push(...story.faultsOfLife(AT_LAST));
  if (record.owner !== undefined && !listed.has(key)) {
    faults.push(`a session of ${story.name} is on no list`);
  }
  if (!told.has(key) && !story.isRefused) faults.push(`${story.name} has left a record behind`);
}
