import { describe, expect, it } from '@jest/globals';
import { checkAnswer } from './check/answers.js';
import type { Step } from './journal/step.js';
import type { Trouble } from './journal/story.js';
import type { Rule } from './journal/violation.js';
import {
  NEXT_ID,
  EMPTY,
  step,
  seen,
  put,
  order,
  wish,
  unwish,
  count,
  logout,
  regenerate,
  refused,
  conflict,
  unknown,
  nothing,
  underNextId,
  rulesOf,
} from './told-steps.js';

describe('the checker of stories finds', () => {
  const faults: readonly [what: string, rule: Rule, steps: readonly Step[]][] = [
    [
      'a value that was put and is not there',
      'an acknowledged change is missing',
      [put('x', 10, 15), seen(20, {})],
    ],
    [
      'a value that is back after another one was put',
      'an acknowledged change is missing',
      [put('x', 10, 15), put('y', 20, 25), seen(30, { cart: { pear: 'x' } })],
    ],
    [
      'a value that came and went although it was put last',
      'an acknowledged change is missing',
      [
        put('x', 10, 15),
        put('y', 12, 25),
        seen(30, { cart: { pear: 'y' } }),
        seen(40, { cart: { pear: 'x' } }),
      ],
    ],
    [
      'a value that was refused',
      'a refused change is there',
      [put('x', 10, 15, refused), seen(20, { cart: { pear: 'x' } })],
    ],
    ['a value that nobody has put', "another's data is shown", [seen(20, { cart: { pear: 'x' } })]],
    ['a wish that is missing', 'an acknowledged change is missing', [wish('w', 10), seen(20, {})]],
    [
      'a wish that was seen, and is missing',
      'an acknowledged change is missing',
      [{ ...wish('w', 10), ...unknown }, seen(20, { wishes: ['w'] }), seen(30, {})],
    ],
    [
      'a wish that came back',
      'an acknowledged change is missing',
      [wish('w', 10), unwish('w', 20), seen(30, { wishes: ['w'] })],
    ],
    [
      'an order that is missing',
      'an acknowledged change is missing',
      [order('o', 10), seen(20, {})],
    ],
    [
      'an order that is there twice',
      'a change is applied twice',
      [order('o', 10), seen(20, { orders: ['o', 'o'] })],
    ],
    [
      'orders that have changed places',
      'an acknowledged change is missing',
      [
        order('o', 10),
        order('p', 10),
        seen(20, { orders: ['o', 'p'] }),
        seen(30, { orders: ['p', 'o'] }),
      ],
    ],
    [
      'an order that was refused',
      'a refused change is there',
      [order('o', 10, refused), seen(20, { orders: ['o'] })],
    ],
    [
      'a counter that has missed one',
      'an acknowledged change is missing',
      [count(10, 1), count(20, 2), seen(30, { count: 1 })],
    ],
    [
      'a counter that has counted one twice',
      'a change is applied twice',
      [count(10, 1), seen(30, { count: 2 })],
    ],
    [
      'two who have counted to the same number',
      'an acknowledged change is missing',
      [count(10, 1), count(11, 1)],
    ],
    [
      'a counter that goes back',
      'an acknowledged change is missing',
      [{ ...count(10, 1), ...unknown, visit: EMPTY }, seen(20, { count: 1 }), seen(30, {})],
    ],
    ['a session that is lost', 'a session is lost', [seen(20, {}, nothing)]],
    ['a conflict without a cause', 'a session is lost', [put('x', 20, 25, conflict)]],
    ['a session after its logout', 'a dead session answers', [logout(10), seen(20, {})]],
    ['an id after it was exchanged', 'a dead session answers', [regenerate(10), seen(20, {})]],
    [
      'an id that opened nothing, and opens a session again',
      'a dead session answers',
      [logout(10, unknown), seen(20, {}, nothing), seen(30, {})],
    ],
    [
      'a change that a new id does not bring along',
      'an acknowledged change is missing',
      [order('o', 10), regenerate(11), seen(30, {}, underNextId)],
    ],
    ['the session of somebody else', "another's data is shown", [seen(20, { born: 'b' })]],
    ['another user', "another's data is shown", [seen(20, { owner: 'bob' })]],
    [
      'a login that is forgotten',
      'an acknowledged change is missing',
      [
        step({ kind: 'login', owner: 'kimbra' }, 10, 15, { newId: NEXT_ID }),
        seen(20, {}, underNextId),
      ],
    ],
  ];

  it.each(faults)('%s', (_, rule, steps) => {
    expect(new Set(rulesOf(steps))).toEqual(new Set([rule]));
  });
});

describe('the checker of stories lets pass', () => {
  const right: readonly [what: string, steps: readonly Step[]][] = [
    [
      'what several tabs do at once, in either order',
      [put('x', 10, 30), put('y', 12, 28), seen(40, { cart: { pear: 'x' } })],
    ],
    [
      'what may or may not have been done',
      [put('x', 10, 15), put('y', 20, 25, unknown), seen(30, { cart: { pear: 'x' } })],
    ],
    [
      'what is done long after its answer was given up',
      [
        put('x', 10, 15),
        put('y', 20, 25, unknown),
        seen(30, { cart: { pear: 'x' } }),
        seen(40, { cart: { pear: 'y' } }),
      ],
    ],
    [
      'a wish that is taken back while it is looked at',
      [
        wish('w', 10),
        step({ kind: 'unwish', item: 'w' }, 20, 60),
        seen(30, { wishes: ['w'] }),
        seen(40, {}),
      ],
    ],
    [
      'orders and counts that were acknowledged, and one that was not',
      [
        order('o', 10),
        order('p', 20, unknown),
        seen(30, { orders: ['o'] }),
        seen(40, { orders: ['o', 'p'] }),
      ],
    ],
    [
      'a conflict with a logout that is under way',
      [logout(10, unknown), put('x', 20, 25, conflict), seen(30, {}, nothing)],
    ],
    [
      'a session that goes on under its next id',
      [
        order('o', 10),
        regenerate(11),
        seen(30, { orders: ['o'] }, underNextId),
        seen(40, {}, nothing),
      ],
    ],
  ];

  it.each(right)('%s', (_, steps) => {
    expect(rulesOf(steps)).toEqual([]);
  });

  it('a session that ended with its store', () => {
    const killed = { name: 'kill store', from: 10, to: 15, processes: [], mayLoseSessions: true };
    const steps = [seen(20, {}, nothing)];
    expect(rulesOf(steps, [killed])).toEqual([]);
    expect(rulesOf(steps, [{ ...killed, mayLoseSessions: false }])).toEqual(['a session is lost']);
    expect(rulesOf(steps, [{ ...killed, from: 30, to: 35 }])).toEqual(['a session is lost']);
  });
});

describe('the checker of stories, of a conflict whose change is there', () => {
  const steps = [
    logout(10, unknown),
    order('o', 20, conflict),
    seen(40, { orders: ['o'] }, underNextId),
  ];
  const stopped = { name: 'stop', from: 15, to: 22, processes: [0], mayLoseSessions: false };

  it('accepts it only where an answer of the store may have been lost', () => {
    expect(rulesOf(steps, [stopped])).toEqual([]);
    expect(rulesOf(steps, [{ ...stopped, from: 50, to: 60 }])).toEqual([
      'a refused change is there',
    ]);
  });
});

describe('the checker of answers', () => {
  const rules = { bound: 100, recovery: 50 };
  const stopped: Trouble = {
    name: 'stop',
    from: 0,
    to: 500,
    processes: [0],
    mayLoseSessions: false,
  };
  const check = (given: Step, ...troubles: readonly Trouble[]): Rule[] =>
    checkAnswer(given, troubles, rules).map(({ rule }) => rule);

  it('finds one that is late, unless its process could not give it', () => {
    const late = seen(0, {}, { ended: 550 });
    expect(check(late)).toEqual(['an answer is late or missing']);
    expect(check(late, stopped)).toEqual([]);
    expect(check(late, { ...stopped, processes: [1] })).toEqual(['an answer is late or missing']);
    expect(check({ ...late, ended: 700 }, stopped)).toEqual(['an answer is late or missing']);
  });

  it('finds one that did not come from a process that was well', () => {
    const missing = put('x', 600, 610, { outcome: 'unknown', status: 0 });
    expect(check(missing)).toEqual(['an answer is late or missing']);
    expect(check({ ...missing, begun: 490, ended: 560 }, stopped)).toEqual([]);
    expect(check(missing, stopped)).toEqual(['an answer is late or missing']);
  });

  it('finds a refusal without a reason, and a status that is none of ours', () => {
    expect(check(put('x', 600, 610, unknown))).toEqual(['an answer is unexpected']);
    expect(check(put('x', 540, 545, unknown), { ...stopped, processes: [] })).toEqual([]);
    expect(check(put('x', 10, 15, { outcome: 'unknown', status: 500 }), stopped)).toEqual([
      'an answer is unexpected',
    ]);
  });

  it('finds a cookie where none is due', () => {
    expect(check(put('x', 10, 15, { newId: NEXT_ID }))).toEqual(['an answer is unexpected']);
    expect(check(regenerate(10))).toEqual([]);
    expect(check({ ...regenerate(10), ...conflict })).toEqual(['an answer is unexpected']);
  });
});
