import { membersOf } from '../../metering/usage/usage.reading';
import type { CallEnded, DeliveryEnded } from '../fact';
import { BoundedMap } from '../bounded.map';

interface LastKnown {
  status: string;
  sinceMs: number;
  lastAtMs: number;
  /** When the publisher received another status for the last time; null: never. */
  otherAtMs: number | null;
}

/**
 * The status of subscriptions as the publisher knows it: what Microsoft has not sent, a publisher need not know. It has several processes,
 * and one of them may act on what it received just before another one received something newer.
 */
export class KnownStatus {
  private readonly known = new BoundedMap<LastKnown>();

  /** Get and Resolve. */
  answered({ route, answer, status, faultId, endedAtMs }: CallEnded): void {
    if (status !== 200 || faultId || (route !== 'getSubscription' && route !== 'resolveSubscription')) return;
    const { id, saasSubscriptionStatus } = membersOf(route === 'resolveSubscription' ? membersOf(answer)['subscription'] : answer);
    if (typeof id === 'string' && typeof saasSubscriptionStatus === 'string') this.set(id, saasSubscriptionStatus, endedAtMs);
  }

  /** A webhook that was received. That of Reinstate still shows the old status. */
  delivered({ delivery, endedAtMs }: DeliveryEnded): void {
    if (!delivery.answer || delivery.answer.status >= 300) return;
    const { saasSubscriptionStatus } = membersOf(membersOf(delivery.requestBody)['subscription']);
    if (delivery.action === 'Reinstate') this.known.delete(delivery.subscriptionId);
    else if (typeof saasSubscriptionStatus === 'string') this.set(delivery.subscriptionId, saasSubscriptionStatus, endedAtMs);
  }

  /** Received last, and where another one was received before, both at least `forMs` ago. */
  isKnown(subscriptionId: string, status: string, atMs: number, forMs: number): boolean {
    const known = this.known.get(subscriptionId);
    if (known?.status !== status) return false;
    return known.otherAtMs === null ? known.sinceMs <= atMs : atMs - known.sinceMs >= forMs && atMs - known.otherAtMs >= forMs;
  }

  private set(subscriptionId: string, status: string, atMs: number): void {
    const before = this.known.get(subscriptionId);
    if (before?.status === status) this.known.set(subscriptionId, { ...before, lastAtMs: atMs });
    else this.known.set(subscriptionId, { status, sinceMs: atMs, lastAtMs: atMs, otherAtMs: before?.lastAtMs ?? null });
  }
}
