import { SetupError } from '../setup.error';

/** One process of a service. A service runs once, unless COPIES says otherwise. */
export interface Copy {
  /** Of its log, of its part of the system, and in `run.json`: the first is called as its service is, the others `fulfillment-2`, `fulfillment-3` … */
  name: string;
  service: string;
  /** Its stable name towards the broker, unique among all that live: `fulfillment-1`, `fulfillment-2` … */
  instance: string;
  /** How far its clock is ahead of this machine's, in milliseconds; negative where it is behind. */
  skewMs: number;
}

/** More would not fit into the memory of a laptop. */
const mostCopies = 9;

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 };

/**
 * The processes of a system. COPIES (`fulfillment:3,subscription:2`) says how many of a service run, CLOCK_SKEW (`fulfillment-2:+45s,fulfillment-3:-45s`) how far
 * the clocks of some are off. Throws a `SetupError` where one of them names what is not there.
 */
export function copiesOf(services: readonly string[], env: Record<string, string | undefined>): Copy[] {
  const counts = pairsOf('COPIES', env['COPIES'], services, countOf);
  const instances = services.flatMap((service) =>
    Array.from({ length: counts.get(service) ?? 1 }, (_, index) => ({
      name: index === 0 ? service : `${service}-${index + 1}`,
      service,
      instance: `${service}-${index + 1}`,
    })),
  );
  const names = instances.flatMap(({ name, instance }) => [name, instance]);
  const skews = pairsOf('CLOCK_SKEW', env['CLOCK_SKEW'], names, skewOf);
  return instances.map((copy) => ({ ...copy, skewMs: skews.get(copy.name) ?? skews.get(copy.instance) ?? 0 }));
}

function pairsOf(setting: string, text: string | undefined, known: readonly string[], read: (value: string) => number | undefined) {
  const pairs = new Map<string, number>();
  for (const pair of (text ?? '').split(',').map((one) => one.trim())) {
    if (pair === '') continue;
    const [name = '', value = ''] = pair.split(':');
    const number = read(value);
    if (!known.includes(name)) throw new SetupError(`${setting} names "${name}", and there is only ${[...new Set(known)].join(', ')}.`);
    if (number === undefined) throw new SetupError(`${setting} can't be read at "${pair}": it is ${examples[setting]}.`);
    pairs.set(name, number);
  }
  return pairs;
}

const examples: Record<string, string> = {
  COPIES: `a service and how many of it run, 1 to ${mostCopies}, such as fulfillment:3`,
  CLOCK_SKEW: 'a copy and how far its clock is off in ms, s or m, such as fulfillment-2:+45s',
};

function countOf(value: string): number | undefined {
  const count = Number(value);
  return /^\d+$/.test(value) && count >= 1 && count <= mostCopies ? count : undefined;
}

function skewOf(value: string): number | undefined {
  const [, sign, number, unit = ''] = /^([+-])(\d{1,6})(ms|s|m)$/.exec(value) ?? [];
  return sign === undefined ? undefined : Number(`${sign}${number}`) * unitsMs[unit]!;
}
