import type { Landfall } from '../system/landfall';

/** Seconds from the start of a service's process until it is ready; `together`: of all of them at once. */
export async function coldStarts({ system, services }: Landfall): Promise<Record<string, number>> {
  const seconds: Record<string, number> = {};
  for (const name of services) {
    await system.kill(name);
    seconds[name] = await lasting(() => system.restart(name));
  }
  for (const name of services) await system.kill(name);
  seconds['together'] = await lasting(() => Promise.all(services.map((name) => system.restart(name))));
  return seconds;
}

async function lasting(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
