import type { SeededRandom } from './seeded.random';
import type { StormScale } from './storm.scale';

/** Something that breaks, and for how long. `kill` is SIGKILL and a start after that time, `freeze` SIGSTOP and SIGCONT. */
export interface Fault {
  atMs: number;
  part: string;
  how: 'kill' | 'freeze';
  forMs: number;
}

/** Of copies of services, and of broker and database: two walks that know nothing of each other. None of one walk begins before the one before it has ended. */
export interface Faults {
  services: Fault[];
  foundations: Fault[];
}

/** What breaks in a storm, or the kills of a walk: so many of each service, of any of its copies. */
export function planFaults(
  endMs: number,
  scale: StormScale,
  services: readonly string[],
  random: { services: SeededRandom; foundations: SeededRandom },
): Faults {
  if (scale.killsOfEach !== null) return { services: killsOf(services, scale.killsOfEach, endMs, random.services), foundations: [] };
  return {
    services: faultsUntil(endMs, scale, scale.serviceFaultMs, services, random.services),
    foundations: faultsUntil(endMs, scale, scale.foundationFaultMs, ['kafka', 'postgres'], random.foundations),
  };
}

function faultsUntil(
  endMs: number,
  { betweenFaultsMs }: StormScale,
  lasting: { least: number; most: number },
  parts: readonly string[],
  random: SeededRandom,
): Fault[] {
  const faults: Fault[] = [];
  const wait = () => random.between(betweenFaultsMs.least, betweenFaultsMs.most);
  for (let atMs = wait(); ; atMs += wait()) {
    const fault = { part: random.pick(parts), how: random.pick(['kill', 'freeze'] as const), forMs: skewedTowardsShort(lasting, random) };
    if (atMs + fault.forMs > endMs) return faults;
    faults.push({ atMs, ...fault });
    atMs += fault.forMs;
  }
}

/** Most faults are short, as in life; some last as long as they can. */
function skewedTowardsShort({ least, most }: { least: number; most: number }, random: SeededRandom): number {
  return Math.round(least + (most - least) * random.next() ** 2);
}

/** Whoever supervises a copy starts it again at once: a kill lasts no time of its own. */
function killsOf(copies: readonly string[], count: number, endMs: number, random: SeededRandom): Fault[] {
  const services = Object.values(Object.groupBy(copies, (name) => name.replace(/-\d+$/, ''))) as string[][];
  const kills = services.flatMap((ofOne) =>
    Array.from({ length: count }, (): Fault => ({ atMs: random.between(0, endMs), part: random.pick(ofOne), how: 'kill', forMs: 0 })),
  );
  return kills.sort((one, other) => one.atMs - other.atMs);
}
