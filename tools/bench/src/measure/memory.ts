import { setTimeout as wait } from 'node:timers/promises';
import { residentMiB } from './processes';

const lookEveryMs = 100;

/** Looks at the memory of processes, by their names, until it is asked for the most that each had resident. */
export function watchMemory<Name extends string>(pids: Readonly<Record<Name, number>>): { most(): Promise<Record<Name, number>> } {
  const stop = new AbortController();
  const watching = (async () => {
    const most = Object.fromEntries(Object.keys(pids).map((name) => [name, 0])) as Record<Name, number>;
    while (!stop.signal.aborted) {
      for (const name of Object.keys(pids) as Name[]) most[name] = Math.max(most[name], residentMiB(pids[name]));
      await wait(lookEveryMs);
    }
    return most;
  })();
  return {
    most: () => {
      stop.abort();
      return watching;
    },
  };
}
