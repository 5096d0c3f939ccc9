import type { Pool } from 'pg';

/**
 * Resolves when the pool's connections are closed. `Pool.end()` alone does not wait for that, and a
 * server that is stopped meanwhile makes each of them emit an error that nobody hears.
 */
export async function endPool(pool: Pool): Promise<void> {
  let open = pool.totalCount;
  const closed = new Promise<void>((resolve) => {
    if (open === 0) resolve();
    pool.on('remove', () => {
      if (--open === 0) resolve();
    });
  });
  await pool.end();
  await closed;
}
