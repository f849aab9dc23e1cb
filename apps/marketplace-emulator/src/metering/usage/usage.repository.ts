import { randomUUID } from 'node:crypto';
import { limits } from '../../limits';
import type { MeteringDimension } from '../../offers/offer';
import type { Collection, Document } from '../../state/document.store';
import { cutToCents, decimalOf, textOf, type Decimal } from '../decimal';
import type { AcceptedUsage } from './usage.event';
import { dayAt } from '../iso.instant';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How reconciliation has to end by a call of the control API, whatever was submitted (contract 6.5). */
export interface ForcedReconciliation {
  /** `Missing`: the day is not told when usage is read back, and is invoiced as it was. */
  reconStatus: 'Submitted' | 'Accepted' | 'Rejected' | 'Mismatch' | 'Missing';
  /** Of a mismatch; null: half of what was submitted. */
  processedQuantity: number | null;
}

/** What was accepted of one day, subscription, dimension and plan. Sums are exact decimals, as text: doubles would drift. */
export interface UsageDay extends Document {
  /** In UTC: `2024-01-19`. */
  usageDate: string;
  subscriptionId: string;
  dimension: string;
  planId: string;
  quantity: string;
  count: number;
  /** Price of the newest event. */
  pricePerUnit: number;
  currency: string;
  /** The events' amounts, each cut off after its cents (contract 6.3), and what they would be if they were not. */
  amount: string;
  exactAmount: string;
  /** When it reads as reconciled, on the emulator's clock. */
  reconciledAtMs: number;
  forced: ForcedReconciliation | null;
}

/** The day up to which totals were deleted to make space for newer ones. */
interface UsageHorizon extends Document {
  id: 'forgotten';
  upTo: string;
}

export interface UsageCollections {
  events: Collection<AcceptedUsage>;
  days: Collection<UsageDay>;
  horizon: Collection<UsageHorizon>;
}

export type NewUsage = Omit<AcceptedUsage, 'id' | 'usageEventId'>;

/**
 * Accepted usage: each event for as long as it could be reported again and then while there is space, the totals of each day much longer.
 */
export class UsageRepository {
  constructor(
    private readonly stored: UsageCollections,
    private readonly bounds = { events: limits.keptUsageEvents as number, days: limits.keptUsageDays as number },
  ) {}

  /**
   * The event that was accepted for the same subscription, dimension and clock hour; with the plan in the key, one under another plan does
   * not count.
   */
  earlier(
    usage: Pick<NewUsage, 'subscriptionId' | 'dimension' | 'effectiveAtMs' | 'planId'>,
    isPlanInKey: boolean,
  ): AcceptedUsage | undefined {
    const first = this.stored.events.get(keyOf(usage));
    if (!isPlanInKey || first?.planId === usage.planId) return first;
    return this.stored.events.get(keyOf(usage, usage.planId));
  }

  /** False when nothing may be deleted yet, so that nothing can be added without losing what guards against duplicates. */
  makeSpace(nowMs: number): boolean {
    const { events, days } = this.stored;
    const reportableMs = nowMs - limits.usageWindowMs - hourMs;
    if (events.size >= this.bounds.events) {
      for (const event of oldest(events, this.bounds.events, ({ effectiveAtMs }) => effectiveAtMs < reportableMs)) events.delete(event.id);
    }
    if (days.size >= this.bounds.days) {
      for (const day of oldest(days, this.bounds.days, ({ usageDate }) => Date.parse(usageDate) + dayMs < reportableMs)) this.drop(day);
    }
    return events.size < this.bounds.events && days.size < this.bounds.days;
  }

  /** Stores an event and adds it to its day. The caller has looked for an earlier one before, and has made space. */
  add(usage: NewUsage, { pricePerUnit, currency }: MeteringDimension, reconciledAtMs: number): AcceptedUsage {
    const id = this.stored.events.has(keyOf(usage)) ? keyOf(usage, usage.planId) : keyOf(usage);
    const event = this.stored.events.put({ ...usage, id, usageEventId: randomUUID() });
    const { subscriptionId, dimension, planId } = usage;
    const usageDate = dayAt(usage.effectiveAtMs);
    const dayId = `${subscriptionId}|${usageDate}|${planId}|${dimension}`;
    const before = this.stored.days.get(dayId);
    const quantity = decimalOf(usage.quantity);
    const amount = quantity.times(pricePerUnit);
    this.stored.days.put({
      id: dayId,
      usageDate,
      subscriptionId,
      dimension,
      planId,
      quantity: sum(before?.quantity, quantity),
      count: (before?.count ?? 0) + 1,
      pricePerUnit,
      currency,
      amount: sum(before?.amount, cutToCents(amount)),
      exactAmount: sum(before?.exactAmount, amount),
      reconciledAtMs,
      forced: before?.forced ?? null,
    });
    return event;
  }

  /** Sets how the reconciliation of a day ends. */
  force(day: UsageDay, forced: ForcedReconciliation): void {
    this.stored.days.put({ ...day, forced });
  }

  /** The newest fitting events that are still kept one by one, oldest first. */
  newest(count: number, fits: (event: AcceptedUsage) => boolean): AcceptedUsage[] {
    return [...this.stored.events.values()].filter(fits).slice(-count);
  }

  days(fits: (day: UsageDay) => boolean): UsageDay[] {
    return [...this.stored.days.values()].filter(fits);
  }

  /** The last day whose totals may be missing; undefined while nothing was deleted. */
  get missingUpTo(): string | undefined {
    return this.stored.horizon.get('forgotten')?.upTo;
  }

  private drop(day: UsageDay): void {
    const upTo = this.missingUpTo ?? day.usageDate;
    this.stored.days.delete(day.id);
    this.stored.horizon.put({ id: 'forgotten', upTo: upTo > day.usageDate ? upTo : day.usageDate });
  }
}

/**
 * A hundredth of all, from the front, for as long as they fit: taken one by one, each search would pass over the gaps that the ones before
 * have left.
 */
function oldest<T extends Document>(documents: Collection<T>, bound: number, fits: (document: T) => boolean): T[] {
  const found: T[] = [];
  for (const document of documents.values()) {
    if (!fits(document) || found.length >= Math.ceil(bound / 100)) break;
    found.push(document);
  }
  return found;
}

/** The dimension stands last, since it alone could hold the separator. */
function keyOf(
  { subscriptionId, dimension, effectiveAtMs }: Pick<NewUsage, 'subscriptionId' | 'dimension' | 'effectiveAtMs'>,
  planId = '',
): string {
  return `${subscriptionId}|${Math.floor(effectiveAtMs / hourMs)}|${planId}|${dimension}`;
}

function sum(before: string | undefined, added: Decimal): string {
  return textOf(before === undefined ? added : decimalOf(before).plus(added));
}
