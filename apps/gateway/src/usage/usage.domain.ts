import type { MessageOf, billingEvents, usageCounted } from '@landfall/contracts';
import { changed, type Outcome } from '@landfall/messaging';
import type { ToldCount, ToldUsage } from './usage';

type UsageCounted = Extract<MessageOf<typeof billingEvents>, { readonly type: typeof usageCounted.type }>;

/** Of one plan, meter and term the newest count of a batch is kept: more is never shown. */
export function keepCount(told: ToldUsage | undefined, { epoch, sequence = 0, data }: UsageCounted): Outcome<ToldUsage> {
  const { subscriptionId, planId, meter, term, usedInTerm: used, included, remaining, resetsAt } = data;
  const count: ToldCount = { planId, meter, term: term.startDate, used, included, remaining, resetsAt, epoch, sequence };
  const others = (told?.counts ?? []).filter((other) => !isSame(other, count));
  const known = (told?.counts ?? []).find((other) => isSame(other, count));
  return changed({ subscriptionId, counts: [...others, known && isNewer(known, count) ? known : count] });
}

const isSame = (one: ToldCount, other: ToldCount): boolean =>
  one.planId === other.planId && one.meter === other.meter && one.term === other.term;

const isNewer = (one: ToldCount, other: ToldCount): boolean =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
