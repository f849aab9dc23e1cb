import { setTimeout as wait } from 'node:timers/promises';
import type { System } from '@landfall/local';
import type { Fault } from './fault.plan';

/** What has no copies and no supervisor in a storm that would start it sooner than the plan says. */
const foundations: readonly string[] = ['kafka', 'postgres'];

/** Breaks one part after the other as planned, and mends each again. Resolves when the last is whole, with a line about each. */
export async function breakParts(faults: readonly Fault[], system: System, stop: AbortSignal): Promise<string[]> {
  const startedAt = Date.now();
  const lines: string[] = [];
  for (const fault of faults) {
    await wait(Math.max(0, startedAt + fault.atMs - Date.now()), undefined, { signal: stop });
    const at = new Date().toISOString().slice(11, 19);
    lines.push(`${at} ${await breakOne(fault, system, stop)}`);
  }
  return lines;
}

async function breakOne({ part, how, forMs }: Fault, system: System, stop: AbortSignal): Promise<string> {
  const seconds = (forMs / 1000).toFixed(1);
  if (how === 'freeze') {
    system.freeze(part);
    await wait(forMs, undefined, { signal: stop }).finally(() => system.thaw(part));
    return `${part} frozen for ${seconds} s`;
  }
  if (foundations.includes(part)) {
    await system.kill(part);
    await wait(forMs, undefined, { signal: stop });
    await system.restart(part);
    return `${part} killed, started again after ${seconds} s`;
  }
  const { pid } = system.run.services.find(({ name }) => name === part)!;
  if (pid === 0) return `${part} was not running: nothing to kill`;
  process.kill(pid, 'SIGKILL'); // whoever supervises it starts it again
  await wait(forMs, undefined, { signal: stop });
  return `${part} killed`;
}
