import { describe, expect, it } from '@jest/globals';
import { checkAnswer } from './check/answers.js';
import { Journal } from './journal/journal.js';
import type { Step } from './journal/step.js';
import type { Rule } from './journal/violation.js';
import {
  conflict,
  EMPTY,
  ID,
  logout,
  NEXT_ID,
  nothing,
  order,
  put,
  regenerate,
  RECOVERY,
  rulesOf,
  rulesOfRenewed,
  seen,
  step,
  underNextId,
  unknown,
} from './told-steps.js';

/** Milliseconds after which an id that was renewed at 1000 leads nowhere. */
const LATE = 32_000;

const login = (begun: number, ended: number, more: Partial<Step> = {}): Step =>
  step({ kind: 'login', owner: 'kimbra' }, begun, ended, { newId: NEXT_ID, ...more });
const revoke = (begun: number, ended: number, more: Partial<Step> = {}): Step => {
  const { id: _, ...asked } = step({ kind: 'revoke', owner: 'kimbra' }, begun, ended, more);
  return { ...asked, id: undefined };
};
const revokeOthers = (begun: number, more: Partial<Step> = {}): Step =>
  step({ kind: 'revoke-others', owner: 'kimbra' }, begun, begun + 5, more);
const loggedIn = (begun: number, more: Partial<Step> = {}): Step =>
  seen(begun, { owner: 'kimbra' }, { ...underNextId, ...more });
const renewal = (begun: number): Step => seen(begun, {}, { newId: NEXT_ID });
const cut: Partial<Step> = { outcome: 'unknown', status: 0, isStreamed: true, isCut: true };
const streamed = (begun: number, more: Partial<Step> = {}): Step =>
  step({ kind: 'wish', item: 'w' }, begun, begun + 5, { isStreamed: true, ...more });

type Case = readonly [what: string, steps: readonly Step[], rule: Rule | undefined];

const FINE = undefined;

function expectOnly(rules: readonly Rule[], rule: Rule | undefined): void {
  expect(new Set(rules)).toEqual(new Set(rule === undefined ? [] : [rule]));
}

describe('the checker of stories, of sessions that are revoked', () => {
  const dead = 'a dead session answers';
  const lost = 'a session is lost';
  const cases: readonly Case[] = [
    ['finds one that answers', [login(10, 15), revoke(20, 25), loggedIn(30)], dead],
    [
      'finds one that answers under an id that it got later',
      [login(10, 15, { newId: ID }), revoke(20, 25), loggedIn(30)],
      dead,
    ],
    [
      'finds one whose login only its answers tell of',
      [login(5, 8, unknown), loggedIn(10), revoke(20, 25), loggedIn(30)],
      dead,
    ],
    ['finds one that was ended without a login', [revoke(20, 25), seen(30, {}, nothing)], lost],
    [
      'finds one that was ended before its login',
      [revoke(10, 15), login(20, 25), seen(30, {}, { ...nothing, ...underNextId })],
      lost,
    ],
    [
      'finds a conflict of a login that came after it',
      [revoke(10, 15), login(20, 25, conflict)],
      lost,
    ],
    [
      'lets one pass that is gone',
      [login(10, 15), revoke(20, 25), seen(30, {}, { ...nothing, ...underNextId })],
      FINE,
    ],
    [
      'finds one that was ended by its own request to end the others',
      [login(10, 15), revokeOthers(20, underNextId), seen(30, {}, { ...nothing, ...underNextId })],
      lost,
    ],
    [
      'finds one that answers although another one has asked for its end',
      [login(10, 15), revokeOthers(20, { id: 'id-3' }), loggedIn(30)],
      dead,
    ],
    [
      'lets one answer that has ended the others',
      [login(10, 15), revokeOthers(20, underNextId), loggedIn(30)],
      FINE,
    ],
    [
      'lets one be ended by its own request where it gets a new id meanwhile',
      [login(10, 23), revokeOthers(20), seen(30, {}, { ...nothing, ...underNextId })],
      FINE,
    ],
    [
      'lets a login pass that was under way, and went on',
      [login(10, 30), revoke(20, 25), loggedIn(40)],
      FINE,
    ],
    [
      'lets a login pass that was under way, and was ended',
      [login(10, 30), revoke(20, 25), seen(40, {}, { ...nothing, ...underNextId })],
      FINE,
    ],
    [
      'lets a login pass that was under way, and refused',
      [login(10, 30, conflict), revoke(20, 25)],
      FINE,
    ],
    [
      'lets one pass that may have come later than it seems',
      [revoke(10, 15, unknown), login(20, 25), seen(30, {}, { ...nothing, ...underNextId })],
      FINE,
    ],
    [
      'lets one answer where it may not have come',
      [login(10, 15), revoke(20, 25, unknown), loggedIn(30)],
      FINE,
    ],
  ];

  it.each(cases)('%s', (_, steps, rule) => {
    expectOnly(rulesOf(steps), rule);
  });
});

describe('the checker of stories, of ids that are renewed', () => {
  const cases: readonly Case[] = [
    [
      'finds one that leads nowhere at once',
      [renewal(1100), seen(1200, {}, nothing)],
      'a session is lost',
    ],
    [
      'finds a conflict of a request that was under way',
      [renewal(1100), put('x', 1100, 1110, conflict)],
      'a session is lost',
    ],
    [
      'finds a change that does not come along',
      [order('o', 1090), renewal(1100), seen(1200, {}, underNextId)],
      'an acknowledged change is missing',
    ],
    [
      'finds one that leads on for too long',
      [renewal(1000), seen(LATE, {})],
      'a dead session answers',
    ],
    [
      'finds one that leads to a session that was ended under its next id',
      [renewal(1000), logout(1100, underNextId), seen(1200, {})],
      'a dead session answers',
    ],
    ['lets one lead on', [renewal(1000), seen(1200, {}), seen(1300, {}, underNextId)], FINE],
    ['lets one lead nowhere after a while', [renewal(1000), seen(LATE, {}, nothing)], FINE],
  ];

  it.each(cases)('%s', (_, steps, rule) => {
    expectOnly(rulesOfRenewed(steps), rule);
  });

  it('lets one open the session that a begin was given, which found it under a new id', () => {
    const journal = new Journal({ bound: 1000, recovery: RECOVERY, renewAfter: 1 });
    const note = (told: Step): void => journal.expect('kimbra', told)(told);
    const begin = (token: string, more: Partial<Step>): Step =>
      step({ kind: 'begin', token }, 10, 15, { visit: EMPTY, ...more });
    note(begin('a', { id: undefined, newId: ID }));
    note(regenerate(100));
    note(begin('b', { id: NEXT_ID, begun: 15_000, ended: 15_005, newId: 'id-3' }));
    note(seen(15_100, {}, { id: 'id-3' }));
    journal.closeAll();
    expect(journal.violations).toEqual([]);
  });
});

describe('the checker of stories, of streams', () => {
  const missing = 'an acknowledged change is missing';
  const late = 'an answer is late or missing';
  const cases: readonly Case[] = [
    ['finds a change that a stream lost after its head', [streamed(10), seen(20, {})], missing],
    ['finds one that was cut without a cause', [streamed(10, cut), seen(20, {})], late],
    [
      'finds an order that a stream had confirmed before it was cut',
      [
        order('o', 8, { isStreamed: true }),
        streamed(8, cut),
        logout(9, { ...unknown, ended: 60 }),
        seen(20, {}),
      ],
      missing,
    ],
    [
      'lets one be cut whose session ends',
      [streamed(10, cut), logout(12), seen(20, {}, nothing)],
      FINE,
    ],
    [
      'lets a change of one that was cut be there, or not',
      [streamed(10, cut), logout(12, unknown), seen(20, { wishes: ['w'] })],
      FINE,
    ],
  ];

  it.each(cases)('%s', (_, steps, rule) => {
    expectOnly(rulesOf(steps), rule);
  });

  it('lets one be cut whose store is away', () => {
    const away = { name: 'kill store', from: 5, to: 8, processes: [], mayLoseSessions: false };
    const steps = [streamed(10, cut), seen(20, {})];
    expect(rulesOf(steps, [away])).toEqual([]);
    expect(rulesOf(steps, [{ ...away, from: 0, to: 9 - RECOVERY }])).toEqual([late]);
  });
});

describe('the checker of answers', () => {
  const rules = { bound: 100, recovery: RECOVERY };

  it('lets a stream take its time', () => {
    const long = streamed(0, { ended: 250 });
    expect(checkAnswer(long, [], rules)).toEqual([]);
    expect(checkAnswer({ ...long, ended: 350 }, [], rules)).toHaveLength(1);
    expect(checkAnswer(put('x', 0, 250), [], rules)).toHaveLength(1);
  });

  it('finds a new id where ids are not renewed', () => {
    expect(checkAnswer(renewal(10), [], rules)).toHaveLength(1);
    expect(checkAnswer(renewal(10), [], { ...rules, renewAfter: 1 })).toEqual([]);
    const refused = { ...renewal(10), ...conflict, visit: EMPTY };
    expect(checkAnswer(refused, [], { ...rules, renewAfter: 1 })).toHaveLength(1);
    expect(checkAnswer(regenerate(10), [], rules)).toEqual([]);
  });
});
