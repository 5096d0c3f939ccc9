import { type Effect, effectOf, type Step } from '../journal/step.js';
import { type Violation, violation } from '../journal/violation.js';

/** One value of an article, and between which moments it was there for certain. */
interface Value {
  readonly token: string;
  /** By then it was there: its writing was acknowledged, or it was seen. */
  readonly by: number;
  /** Then it was there still, or not yet: it was seen, or its writing had not begun. */
  readonly until: number;
  /** The steps that say so. */
  readonly proofs: readonly Step[];
}

const NOTHING = '';
const BEFORE_ALL: Effect = { from: Number.NEGATIVE_INFINITY, to: Number.NEGATIVE_INFINITY };

/**
 * The articles of the cart, each of which holds the token that was put last. Since none is put twice,
 * one order of events explains all answers if, and only if, this holds (Gibbons and Korach):
 *
 *   A value that was there at two moments was there all the time between. No two values were there
 *   at one time, and none came and went while another one was there all the time.
 */
export function checkRegisters(steps: readonly Step[]): Violation[] {
  const articles = new Set(
    steps.flatMap(({ action, visit }) => [
      ...('article' in action ? [action.article] : []),
      ...Object.keys(visit?.cart ?? {}),
    ]),
  );
  return Array.from(articles).flatMap((article) => checkRegister(article, steps));
}

function checkRegister(article: string, steps: readonly Step[]): Violation[] {
  const writes = new Map<string, Step>();
  const reads = new Map<string, Step[]>([[NOTHING, []]]);
  for (const step of steps) {
    const { action, visit } = step;
    if (action.kind === 'put' && action.article === article) writes.set(action.token, step);
    if (visit !== undefined) {
      const token = visit.cart[article] ?? NOTHING;
      reads.set(token, [...(reads.get(token) ?? []), step]);
    }
  }
  const values: Value[] = [];
  const violations: Violation[] = [];
  for (const token of new Set([...writes.keys(), ...reads.keys()])) {
    const write = writes.get(token);
    const seen = reads.get(token) ?? [];
    const early = seen.find(({ ended }) => write !== undefined && ended < write.begun);
    const written = token === NOTHING ? BEFORE_ALL : write && effectOf(write);
    if (written !== undefined && early === undefined) {
      values.push(valueOf(token, written, write, seen));
    } else {
      violations.push(...[early ?? seen[0]].flatMap((read) => neverWritten(article, write, read)));
    }
  }
  return [...violations, ...checkOrder(article, values)];
}

function valueOf(
  token: string,
  written: Effect,
  write: Step | undefined,
  seen: readonly Step[],
): Value {
  let { to: by, from: until } = written;
  let [first, last] = [write, write];
  for (const read of seen) {
    if (read.ended < by) [by, first] = [read.ended, read];
    if (read.begun > until) [until, last] = [read.begun, read];
  }
  const proofs = [write, first, last].filter((step) => step !== undefined);
  return { token, by, until, proofs: Array.from(new Set(proofs)) };
}

function checkOrder(article: string, values: readonly Value[]): Violation[] {
  // These were there all the time from `by` to `until`; the others for a moment between the two.
  const lasting = values.filter(({ by, until }) => by < until).toSorted((a, b) => a.by - b.by);
  const brief = values.filter(({ by, until }) => by >= until);
  const overlapping = lasting
    .slice(1)
    .map((value, index) => [lasting[index], value] as const)
    .filter(([before, value]) => before !== undefined && value.by < before.until);
  const within = brief.flatMap((value) =>
    lasting
      .filter((other) => other.by < value.until && value.by < other.until)
      .map((other) => [other, value] as const),
  );
  return [...overlapping, ...within].map(([one, other]) =>
    violation(
      'an acknowledged change is missing',
      `${article} cannot have been ${nameOf(one)} all the time and ${nameOf(other)} in between.`,
      ...(one?.proofs ?? []),
      ...other.proofs,
    ),
  );
}

function neverWritten(
  article: string,
  write: Step | undefined,
  read: Step | undefined,
): Violation[] {
  if (read === undefined) return [];
  const steps = write === undefined ? [read] : [write, read];
  const isRefused = write?.outcome === 'refused';
  const rule = isRefused ? 'a refused change is there' : "another's data is shown";
  return [violation(rule, `${article} is what was never put into this session.`, ...steps)];
}

function nameOf(value: Value | undefined): string {
  return value?.token === NOTHING ? 'empty' : (value?.token ?? '');
}
