import { stableId, subscriptionObserved, type SubscriptionRead } from '@landfall/contracts';
import type { Effect } from '@landfall/messaging';
import { membersOf, members, ownRegistration, subscriptionId } from '../microsoft/members';
import type { MicrosoftApi } from '../microsoft/microsoft.api';
import type { Scheduler } from '../scheduler';
import { minute } from '../time';
import type { Trace } from '../trace';
import type { FulfillmentService } from '../fulfillment/fulfillment';
import type { Cause } from './messages';
import type { SubscriptionService } from './subscription';

export interface SweepOptions {
  readonly scheduler: Scheduler;
  readonly api: MicrosoftApi;
  readonly fulfillment: FulfillmentService;
  readonly subscription: SubscriptionService;
  readonly emit: (effects: readonly Effect[], cause: Cause) => void;
  readonly trace: Trace;
}

export const sweepEveryMs = 15 * minute;

/** A plain read every 15 minutes stands in for reconciliation: where the list and then a read of its own both differ from the record, the read is published. */
export class Sweep {
  private sweeps = 0;

  constructor(private readonly options: SweepOptions) {}

  /** Sweeps from a moment on until another. */
  run(fromMs: number, untilMs: number): void {
    for (let atMs = fromMs; atMs < untilMs; atMs += sweepEveryMs) this.options.scheduler.at(atMs, () => this.sweep());
  }

  private sweep(): void {
    const { api, fulfillment, emit, trace } = this.options;
    const number = ++this.sweeps;
    api.getSubscription(ownRegistration, `sweep ${number} list`, (listed) => {
      if (!listed || !this.differs(listed)) return;
      fulfillment.read(ownRegistration, `sweep ${number}`, (read) => {
        if (!read || !this.differs(read)) return;
        trace('fulfillment', () => `sweep ${number} finds a difference`);
        const id = stableId('sweep', number);
        emit([subscriptionObserved({ subscriptionId, read, occasion: 'reconciliation', order: null, closes: [] })], {
          id,
          correlationId: id,
        });
      });
    });
  }

  private differs({ snapshot }: Pick<SubscriptionRead, 'snapshot'>): boolean {
    const record = this.options.subscription.record;
    if (!record) return true;
    const known = membersOf(record);
    const term = snapshot.term ? { ...record.term, ...snapshot.term } : record.term;
    const shown = membersOf({ ...record, ...snapshot, term: term as typeof record.term });
    return members.some((member) => known[member] !== shown[member]);
  }
}
