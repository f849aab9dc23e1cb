import { membersOf } from '../../metering/usage/usage.reading';
import type { CallEnded, DeliveryEnded } from '../fact';
import { BoundedMap } from '../bounded.map';

interface Told {
  status: string;
  sinceMs: number;
  lastAtMs: number;
  /** When the publisher was told another status for the last time; null: never. */
  otherAtMs: number | null;
}

/**
 * The status of subscriptions as the publisher knows it: what Microsoft does not tell, nobody can be blamed for. A publisher has several processes, and one of them
 * may act on what it was told just before another one was told better.
 */
export class KnownStatus {
  private readonly told = new BoundedMap<Told>();

  /** Get and Resolve. */
  answered({ route, answer, status, faultId, endedAtMs }: CallEnded): void {
    if (status !== 200 || faultId || (route !== 'getSubscription' && route !== 'resolveSubscription')) return;
    const { id, saasSubscriptionStatus } = membersOf(route === 'resolveSubscription' ? membersOf(answer)['subscription'] : answer);
    if (typeof id === 'string' && typeof saasSubscriptionStatus === 'string') this.tell(id, saasSubscriptionStatus, endedAtMs);
  }

  /** A webhook that was received. That of Reinstate still shows the old status. */
  delivered({ delivery, endedAtMs }: DeliveryEnded): void {
    if (!delivery.answer || delivery.answer.status >= 300) return;
    const { saasSubscriptionStatus } = membersOf(membersOf(delivery.requestBody)['subscription']);
    if (delivery.action === 'Reinstate') this.told.delete(delivery.subscriptionId);
    else if (typeof saasSubscriptionStatus === 'string') this.tell(delivery.subscriptionId, saasSubscriptionStatus, endedAtMs);
  }

  /** Told last, and where something else was told before, both at least `forMs` ago. */
  isKnown(subscriptionId: string, status: string, atMs: number, forMs: number): boolean {
    const told = this.told.get(subscriptionId);
    if (told?.status !== status) return false;
    return told.otherAtMs === null ? told.sinceMs <= atMs : atMs - told.sinceMs >= forMs && atMs - told.otherAtMs >= forMs;
  }

  private tell(subscriptionId: string, status: string, atMs: number): void {
    const before = this.told.get(subscriptionId);
    if (before?.status === status) this.told.set(subscriptionId, { ...before, lastAtMs: atMs });
    else this.told.set(subscriptionId, { status, sinceMs: atMs, lastAtMs: atMs, otherAtMs: before?.lastAtMs ?? null });
  }
}
