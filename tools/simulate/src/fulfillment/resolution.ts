import { purchaseResolved, purchaseUnresolved, saysEnough, type SubscriptionRead } from '@landfall/contracts';
import { resolvePurchase, unresolvedReason, untilResolvedAgainMs } from '@landfall/fulfillment/decisions';
import type { JobOf } from '@landfall/messaging';
import type { MicrosoftApi } from '../microsoft/microsoft.api';
import type { Ending, RunningJob } from '../landfall/jobs';

export interface ResolutionOptions {
  readonly api: MicrosoftApi;
  readonly nextReadNo: () => number;
  /** Get Subscription, with the token of this registration. */
  readonly read: (registration: string, key: string, answered: (read: SubscriptionRead | null) => void) => void;
  /** Microsoft has shown the subscription. */
  readonly bind: () => void;
}

/** Stands in for the worker that asks Microsoft what customers bought. */
export class Resolution {
  constructor(private readonly options: ResolutionOptions) {}

  resolve(job: RunningJob & JobOf<typeof resolvePurchase>, end: (ending: Ending) => void): void {
    const { api, nextReadNo, bind } = this.options;
    const { purchaseId, registration } = job.payload;
    const key = `purchase ${purchaseId.slice(0, 8)}, attempt ${job.attempts}`;
    const readNo = nextReadNo();
    const fail = (kind: 'forbidden' | 'unanswered') => {
      const reason = unresolvedReason({ kind }, job.ageMs);
      end(reason ? { done: [purchaseUnresolved({ purchaseId, reason })] } : { againAfterMs: untilResolvedAgainMs(job.attempts) });
    };
    api.resolve(registration, key, (answer) => {
      if (answer === 403) return fail('forbidden');
      if (answer === null) return fail('unanswered');
      bind();
      this.completed(registration, key, { ...answer, readNo }, (read) => {
        if (!saysEnough(read.snapshot)) return fail('unanswered');
        end({ done: [purchaseResolved({ purchaseId, subscriptionId: read.snapshot.subscriptionId, read, plans: [] })] });
      });
    });
  }

  /** Where Resolve left the status or the plan out, Get Subscription is asked for them. */
  private completed(registration: string, key: string, resolved: SubscriptionRead, whole: (read: SubscriptionRead) => void): void {
    if (saysEnough(resolved.snapshot)) return whole(resolved);
    this.options.read(registration, key, (shown) => {
      const { status, planId } = shown?.snapshot ?? {};
      const snapshot = { ...resolved.snapshot, status: resolved.snapshot.status ?? status, planId: resolved.snapshot.planId ?? planId };
      whole({ ...resolved, snapshot });
    });
  }
}
