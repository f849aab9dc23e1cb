import { setTimeout as wait } from 'node:timers/promises';

/** Generous: the machine may be busy with much else. A test's own limit has to be longer. */
const patienceMs = 120_000;
const lookIntervalMs = 20;

/**
 * Looks again and again until a check is true. Rejects after `limitMs` milliseconds, so that every wait ends, that of a test that has failed as well: jest reports a
 * test whose time is over, but stops nothing that it has begun.
 */
export async function until(check: () => unknown, limitMs = patienceMs): Promise<void> {
  for (const end = Date.now() + limitMs; !(await check()); await wait(lookIntervalMs))
    if (Date.now() > end) throw new Error(`It was not so within ${limitMs} ms: ${check.toString()}`);
}
