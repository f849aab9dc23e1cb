import { includedOf } from '../ledger/account.domain';
import { isoOf, type Instant } from '../ledger/hours';
import type { Account, Ledger } from '../ledger/ledger';
import { decimalOf, type Micros } from '../ledger/micros';
import { remainingOf } from '../ledger/sums.domain';
import { endOfTerm } from '../ledger/term';
import { currentOf, termIn } from '../ledger/timeline';

/** What a plan includes of a meter in a term, and how much of that is used; null where nobody has read it so far. */
export interface IncludedQuantity {
  readonly planId: string;
  readonly meter: string;
  readonly term: { readonly termUnit: string; readonly startDate: string; readonly endDate: string };
  readonly isCurrent: boolean;
  readonly used: string;
  readonly included: string | null;
  readonly remaining: string | null;
  readonly resetsAt: string;
}

/** Of everything that was counted, and of what the present plan has in its present term although nothing was used; the newest terms first. */
export function includedQuantities(ledger: Ledger, now: Instant): IncludedQuantity[] {
  const present = currentOf(ledger.timeline);
  const term = termIn(ledger.timeline, now);
  const current = present?.status === 'Subscribed' && term ? { planId: present.planId, ...term } : null;
  const isCurrent = ({ planId, term: first }: Pick<Account, 'planId' | 'term'>) =>
    planId === current?.planId && first === current.startDate;
  const unused = (current ? (ledger.meters[current.planId] ?? []) : []).filter(
    ({ meter }) => !ledger.accounts.some((account) => account.meter === meter && isCurrent(account)),
  );
  const counts = [
    ...ledger.accounts.map((account) => ({ ...account, included: account.countedBy?.included ?? null })),
    ...unused.map((meter) => ({
      ...{ ...current!, meter: meter.meter, term: current!.startDate, net: 0n },
      included: includedOf(ledger.rates[current!.planId], meter, current!.termUnit),
    })),
  ];
  return counts.map((count) => shown(count, isCurrent(count))).sort(byTerm);
}

function shown(
  count: Pick<Account, 'planId' | 'meter' | 'term' | 'termUnit' | 'endDate' | 'net'> & { readonly included: Micros | null },
  isCurrent: boolean,
): IncludedQuantity {
  const { planId, meter, term, termUnit, endDate, net, included } = count;
  return {
    ...{ planId, meter, term: { termUnit, startDate: term, endDate }, isCurrent, used: decimalOf(net) },
    included: included === null ? null : decimalOf(included),
    remaining: included === null ? null : decimalOf(remainingOf(included, net)),
    resetsAt: isoOf(endOfTerm({ termUnit, startDate: term, endDate })),
  };
}

const byTerm = (one: IncludedQuantity, other: IncludedQuantity): number =>
  other.term.startDate.localeCompare(one.term.startDate) || one.planId.localeCompare(other.planId) || one.meter.localeCompare(other.meter);
