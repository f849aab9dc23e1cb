import { setTimeout as wait } from 'node:timers/promises';
import { machineTime } from '../measure/processes';
import type { Landfall } from '../system/landfall';

const lookEveryMs = 250;
const quietForMs = 1_500;
/** Jobs that wait for longer are timers of days, and not what a webhook has left to do. */
const dueWithin = '1 minute';

/** Resolves when nothing is left to do: no job that is due within a minute, and no new message for a while. @throws Error after `limitMs` */
export async function untilQuiet({ counters, topics, services }: Landfall, limitMs: number): Promise<void> {
  const endMs = Date.now() + limitMs;
  const dueJobs = services
    .map((schema) => `select count(*) as due from ${schema}.job where state <> 'dead' and run_at < now() + interval '${dueWithin}'`)
    .join(' union all ');
  let messages = -1;
  let quietSinceMs = Date.now();
  for (;;) {
    const counted = Object.values(await topics.read()).reduce((sum, count) => sum + count, 0);
    const due = (await counters.query<{ due: string }>(dueJobs)).reduce((sum, row) => sum + Number(row.due), 0);
    if (counted !== messages || due > 0) quietSinceMs = Date.now();
    messages = counted;
    if (Date.now() - quietSinceMs >= quietForMs) return;
    if (Date.now() > endMs) throw new Error(`The system did not come to rest within ${limitMs / 1000} s: ${due} jobs are still due.`);
    await wait(lookEveryMs);
  }
}

/** Above this share of the machine a round counts for little. */
export const foreignLimit = 0.1;
const idleCheckMs = 1_000;
const patienceMs = 15_000;

/** Waits for a moment in which the machine does nothing else; where it does not come, the round itself tells. */
export async function untilIdle(oursIdle = 0.1): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (Date.now() < endMs) {
    const before = machineTime();
    await wait(idleCheckMs);
    const now = machineTime();
    const share = (now.busy - before.busy + now.stolen - before.stolen) / Math.max(now.all - before.all, 0.01);
    if (share <= foreignLimit + oursIdle) return;
  }
}
