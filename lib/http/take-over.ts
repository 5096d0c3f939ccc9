import type { PreviousSession } from '../interfaces/session-predecessor.interface.js';
import { assertStorable } from '../record/encode-value.js';
import type { SessionSettings } from '../session.options.js';
import type { SessionLife } from '../store/session-life.js';
import type { TakeoverClaims } from '../store/takeover-claims.js';

/** What takes a session over, and by which rules. */
export interface Successor {
  readonly life: SessionLife;
  /** Undefined where no store keeps sessions: there each request takes over for itself. */
  readonly claims: TakeoverClaims | undefined;
  readonly settings: Pick<SessionSettings, 'scope' | 'intercept'>;
}

/**
 * Takes over a previous session as one of ours, and ends it in its old store. Of several requests
 * that come with it, one stores the new session, and the others open that.
 *
 * @throws SessionStoreUnavailableException, SessionSerializationException
 */
export async function takeOver(previous: PreviousSession, successor: Successor): Promise<void> {
  const { life, claims } = successor;
  if (!(await openClaimed(previous, successor))) {
    const variables = await previous.read();
    if (variables === undefined) {
      // It has ended, or another request has just taken it over and ended it.
      await openClaimed(previous, successor);
      return;
    }
    await store(variables, successor);
    const isFirst = !life.isStored || ((await claims?.claim(previous.id, life.id)) ?? true);
    if (!isFirst) {
      await life.destroy();
      await openClaimed(previous, successor);
    }
  }
  await previous.end();
}

/** Opens what another request has made of it; whether there was one. */
async function openClaimed(
  previous: PreviousSession,
  { life, claims }: Successor,
): Promise<boolean> {
  const id = await claims?.find(previous.id);
  if (id !== undefined) await life.open(id);
  return id !== undefined;
}

/** All of it or nothing: of what fails the answer would store a part that no cookie leads to. */
async function store(
  variables: Readonly<Record<string, unknown>>,
  successor: Successor,
): Promise<void> {
  try {
    adopt(variables, successor);
    await successor.life.commit();
  } catch (error) {
    await successor.life.reload();
    throw error;
  }
}

function adopt(
  variables: Readonly<Record<string, unknown>>,
  { life, settings: { scope, intercept } }: Successor,
): void {
  for (const [name, given] of Object.entries(variables)) {
    const value = intercept?.set ? intercept.set(name, given) : given;
    if (name === '' || value === undefined) continue;
    assertStorable(value, name);
    life.values.set({ name: scope + name, property: undefined }, value);
  }
}
