import type { Instant } from './hours';
import { countedBy, placed, recount, replaced } from './account.domain';
import type { BilledHour, Bucket, Ledger, WriteOff } from './ledger';
import { ownerOf, rate, type Used } from './rating.domain';
import { ANOMALY } from './anomaly.domain';

/** What was used in an hour of a meter, all of it, in the parts that `rate` tells apart. */
export interface UsedHour {
  readonly meter: string;
  readonly hour: Instant;
  readonly used: readonly Used[];
}

/** The ledger after what was used in these hours is rated by what is known now: again, where that has changed. Each hour comes once, and stands last in the order in which it came. */
export function counted(ledger: Ledger, hours: readonly UsedHour[]): Ledger {
  const buckets = new Map(ledger.buckets.map((bucket) => [keyOf(bucket), bucket]));
  let { accounts } = ledger;
  for (const { meter, hour, used } of hours) {
    const key = keyOf({ meter, hour });
    const before = buckets.get(key) ?? { meter, hour, quantity: 0n, rated: [] };
    const rated = rate(ledger.timeline, hour, used, ledger.modes);
    accounts = recount(accounts, before, rated, ledger.timeline);
    buckets.delete(key);
    buckets.set(key, { meter, hour, quantity: used.reduce((sum, { quantity }) => sum + quantity, 0n), rated });
  }
  return asKnown({ ...ledger, buckets: [...buckets.values()], accounts });
}

const keyOf = ({ meter, hour }: Pick<Bucket, 'meter' | 'hour'>): string => `${hour} ${meter}`;

/** The ledger after its accounts have learnt by what they are billed, as Microsoft's lists and the catalog are now. */
export const asKnown = (ledger: Ledger): Ledger => ({
  ...ledger,
  accounts: ledger.accounts.map((account) => ({ ...account, countedBy: countedBy(account, ledger) })),
});

/** The ledger after an hour of it has become this one: it was handed over, answered, or decided. */
export function withHour(ledger: Ledger, hour: BilledHour): Ledger {
  const before = ledger.hours.find((one) => one.dimension === hour.dimension && one.hour === hour.hour) ?? null;
  return {
    ...ledger,
    hours: [...ledger.hours.filter((other) => other !== before), hour],
    accounts: replaced(ledger.accounts, before, hour),
  };
}

/** The ledger after usage was written off: it is due no more. */
export function withWriteOff(ledger: Ledger, writeOff: WriteOff): Ledger {
  return { ...ledger, writeOffs: [...ledger.writeOffs, writeOff], accounts: placed(ledger.accounts, writeOff, 1n) };
}

/** Hours whose key would be free again, had its deadline not passed: their units are due in a later one. */
export const pastTheirDeadlines = ({ hours }: Ledger, now: Instant): readonly BilledHour[] =>
  hours
    .filter(({ state, deadline }) => state === 'returned' && deadline <= now)
    .map((hour) => ({ ...hour, state: 'carried', notBefore: null }));

/**
 * Hours that Microsoft refused, where the record has changed since so that they would be reported otherwise: their keys are free again. The others stay with an operator.
 */
export const revisited = ({ hours, timeline }: Ledger): readonly BilledHour[] =>
  hours
    .filter(({ state, reason, hour, planId }) => state === 'held' && reason !== ANOMALY && ownerOf(timeline, hour) !== planId)
    .map((hour) => ({ ...hour, state: 'returned', notBefore: null, reason: null }));
