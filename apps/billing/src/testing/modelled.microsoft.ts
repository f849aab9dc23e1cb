import type { UsageResult } from '@landfall/contracts';
import { dayOf, hourOf, isoOf, type Instant } from '../ledger/hours';
import type { BilledHour } from '../ledger/ledger';
import { decimalOf, sumOf, type Micros } from '../ledger/micros';
import type { Listed } from '../reconciliation/uncertain.domain';

const DAY_MS = 24 * 3_600_000;

/** What a subscription is at Microsoft from an instant on. */
export interface Truth {
  readonly from: Instant;
  readonly status: 'Subscribed' | 'Suspended' | 'Unsubscribed';
  readonly planId: string;
}

/** What of one call gets lost. `away`: it surely did nothing. */
export type CallFate = 'answered' | 'lost-before' | 'lost-after' | 'away';

interface Stored {
  readonly quantity: Micros;
  readonly planId: string;
}

/** Microsoft's side of metering for one subscription, as the contract has it (6.2 to 6.4). */
export class ModelledMicrosoft {
  readonly stored = new Map<string, Stored>();

  constructor(
    private readonly truths: Truth[],
    /** Whether a key is looked up before the subscription's state is: nobody has documented it. */
    private readonly looksUpFirst: boolean,
  ) {}

  /** Null: the answer, or the call, was lost. */
  take(event: BilledHour, now: Instant, fate: CallFate, unanswered: number): UsageResult | null {
    if (fate === 'away' || fate === 'lost-before') return null;
    const result = this.decide(event, now, unanswered);
    return fate === 'lost-after' ? null : result;
  }

  quantityOf({ dimension, hour }: Pick<BilledHour, 'dimension' | 'hour'>): Micros | null {
    return this.stored.get(keyOf(dimension, hour))?.quantity ?? null;
  }

  /** What its list shows of a day (contract 6.5). */
  listed({ dimension, planId, hour }: Pick<BilledHour, 'dimension' | 'planId' | 'hour'>): Listed {
    const stored = [...this.stored].filter(([key, one]) => {
      const [of, at] = key.split('/');
      return of === dimension && one.planId === planId && dayOf(Number(at)) === dayOf(hour);
    });
    return { quantity: sumOf(stored.map(([, { quantity }]) => quantity)), count: stored.length };
  }

  private decide(event: BilledHour, now: Instant, unanswered: number): UsageResult {
    const key = keyOf(event.dimension, event.effectiveStart);
    const before = this.stored.get(key);
    const refusal = this.refusalOf(event, now);
    if (before && (this.looksUpFirst || !refusal)) return resultOf(event, { status: 'Duplicate', unanswered, stored: storedOf(before) });
    if (refusal) return resultOf(event, { status: refusal, unanswered });
    this.stored.set(key, { quantity: event.quantity, planId: event.planId });
    return resultOf(event, { status: 'Accepted', unanswered });
  }

  private refusalOf({ effectiveStart, planId, hour }: BilledHour, now: Instant): UsageResult['status'] {
    if (effectiveStart > now) return 'BadArgument';
    if (now - effectiveStart > DAY_MS) return 'Expired';
    const current = this.truths.findLast(({ from }) => from <= now)!;
    if (current.status === 'Suspended') return 'ResourceNotActive';
    if (current.status === 'Unsubscribed' && effectiveStart >= current.from) return 'ResourceNotActive';
    const held = this.truths.filter(
      ({ from }, place) => from < hour + 3_600_000 && (this.truths[place + 1]?.from ?? Infinity) > effectiveStart,
    );
    return held.some((truth) => truth.planId === planId) ? null : 'InvalidDimension';
  }
}

const keyOf = (dimension: string, instant: Instant): string => `${dimension}/${hourOf(instant)}`;
const storedOf = ({ quantity, planId }: Stored): UsageResult['stored'] => ({ usageEventId: null, quantity: decimalOf(quantity), planId });

function resultOf(event: BilledHour, answer: Pick<UsageResult, 'status' | 'unanswered'> & Partial<UsageResult>): UsageResult {
  return {
    ...{ subscriptionId: '', dimension: event.dimension, planId: event.planId, quantity: decimalOf(event.quantity) },
    ...{ effectiveStartTime: isoOf(event.effectiveStart), usageEventId: null, stored: null, messageTime: null, code: null, reason: null },
    ...answer,
  };
}
