import { setTimeout as wait } from 'node:timers/promises';
import { countedAfterMs } from '../measure/database';
import { residentMiB } from '../measure/processes';
import type { Landfall } from '../system/landfall';
import { readAll, useBetween, type Use } from './cost';

/** What the system uses while it has nothing to do. */
export async function idleUse(landfall: Landfall, forMs: number): Promise<Use> {
  const watched = landfall.watched();
  await wait(countedAfterMs); // what was done before is counted by now
  const before = await readAll(watched, landfall.counters, landfall.topics);
  await wait(forMs);
  return useBetween(landfall.counters, before, await readAll(watched, landfall.counters, landfall.topics), await landfall.counters.roles());
}

/** Resident memory of each service in MiB. */
export const memoryOf = ({ system }: Landfall): Record<string, number> =>
  Object.fromEntries(system.run.services.map(({ name, pid }) => [name, residentMiB(pid)]));
