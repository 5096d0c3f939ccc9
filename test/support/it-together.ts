import { beforeAll, it } from '@jest/globals';

type Body = () => Promise<void>;

/**
 * An `it` for cases that mostly wait and do not disturb each other: before the tests of the
 * enclosing group they run, sixteen at a time, and each test then tells the outcome of its own case.
 * Jest's own `it.concurrent` starts before the hooks and allows no dynamic import.
 */
export function itTogether(): (title: string, body: Body) => void {
  const bodies: Body[] = [];
  const outcomes = new Map<Body, PromiseSettledResult<void>>();

  beforeAll(async () => {
    const waiting = bodies.values();
    await Promise.all(Array.from({ length: 16 }, () => work(waiting)));
  }, 60_000);

  return (title, body) => {
    bodies.push(body);
    it(title, () => {
      const outcome = outcomes.get(body);
      if (outcome?.status === 'fulfilled') return;
      throw outcome?.reason ?? new Error('The case did not run.');
    });
  };

  async function work(waiting: Iterator<Body> & Iterable<Body>): Promise<void> {
    for (const body of waiting) {
      const [outcome] = await Promise.allSettled([body()]);
      outcomes.set(body, outcome);
    }
  }
}
