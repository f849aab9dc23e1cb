import { membersOf } from '../../../metering/usage/usage.reading';
import { instantOf } from '../../../metering/iso.instant';
import { BoundedMap } from '../../bounded.map';
import type { CallEnded, DeliveryEnded } from '../../fact';

/** What the publisher has been told of the life of a subscription. Instants are of business time, `knownAtMs` are real. */
interface ShownLife {
  /** Before that it has surely not been active: the publisher had not called Activate. */
  activatedAtMs?: number;
  ended?: { atMs: number; knownAtMs: number };
  suspendedAtMs?: number;
  /** The last suspension that is over. */
  suspension?: { fromMs: number; untilMs: number };
  trial?: { isTrial: boolean; knownAtMs: number; otherAtMs: number | null };
  termUnit?: string;
}

/** The lives of subscriptions as the publisher knows them: from its own calls, and from webhooks that it has taken. */
export class ShownLives {
  private readonly lives = new BoundedMap<ShownLife>();

  of(subscriptionId: string): ShownLife {
    return this.lives.get(subscriptionId) ?? {};
  }

  answered({ route, status, faultId, answer, subscriptionId, before, atMs, beganAtMs, endedAtMs }: CallEnded): void {
    if (status !== 200 || faultId) return;
    if (route === 'getSubscription') this.shown(answer, endedAtMs);
    if (route === 'resolveSubscription') this.shown(membersOf(answer)['subscription'], endedAtMs);
    const isFirst = before?.subscription?.status === 'PendingFulfillmentStart';
    if (route !== 'activateSubscription' || subscriptionId === null || !isFirst || this.of(subscriptionId).activatedAtMs) return;
    this.change(subscriptionId, { activatedAtMs: atMs - (endedAtMs - beganAtMs) });
  }

  delivered({ delivery, operation, endedAtMs }: DeliveryEnded): void {
    const { subscriptionId, answer, requestBody, action, kind } = delivery;
    if (!answer || answer.status >= 300 || kind !== 'genuine') return;
    this.shown(membersOf(requestBody)['subscription'], endedAtMs);
    const atMs = instantOf(operation?.timeStamp ?? '');
    if (atMs === undefined) return;
    const { suspendedAtMs, ended } = this.of(subscriptionId);
    if (action === 'Suspend') this.change(subscriptionId, { suspendedAtMs: suspendedAtMs ?? atMs });
    if (action === 'Unsubscribe' && !ended) this.change(subscriptionId, { ended: { atMs, knownAtMs: endedAtMs } });
    if (action !== 'Reinstate' || suspendedAtMs === undefined) return;
    this.change(subscriptionId, { suspendedAtMs: undefined, suspension: { fromMs: suspendedAtMs, untilMs: atMs } });
  }

  private shown(subscription: unknown, knownAtMs: number): void {
    const { id, isFreeTrial, term } = membersOf(subscription);
    if (typeof id !== 'string') return;
    const { termUnit } = membersOf(term);
    if (typeof termUnit === 'string') this.change(id, { termUnit });
    if (typeof isFreeTrial !== 'boolean') return;
    const { trial } = this.of(id);
    if (trial?.isTrial === isFreeTrial) return;
    this.change(id, { trial: { isTrial: isFreeTrial, knownAtMs, otherAtMs: trial ? knownAtMs : null } });
  }

  private change(subscriptionId: string, changes: Partial<ShownLife>): void {
    this.lives.set(subscriptionId, { ...this.of(subscriptionId), ...changes });
  }
}
