import { limits } from '../../../limits';
import type { Operation } from '../../../operation/operation';
import type { CallEnded, DeliveryEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';

/** A webhook that was taken as true: received, and nothing was asked about it yet. */
export interface UnverifiedWebhook {
  operation: Operation;
  deliveryId: string;
  receivedAtMs: number;
}

/**
 * Waits for the call which shows that the publisher has looked before it believed. A publisher that asks about other operations is behind with its work and not
 * negligent, so it gets longer; and what was found too early is given back when it looks at last.
 */
export class UnverifiedWebhooks {
  private readonly open = new BoundedMap<UnverifiedWebhook>();
  private readonly accused = new BoundedMap<Operation>();
  /** When something was looked at on the emulator's clock, by the id of an operation or a subscription. */
  private readonly looks = new BoundedMap<number>();
  /** Looks before that may have been forgotten. */
  private forgottenUntilMs = 0;
  private allLookedAtMs = 0;
  private lastLookAtMs = 0;

  /** @param shows the routes whose answers show what is true */
  constructor(private readonly shows: ReadonlySet<string>) {}

  received(operation: Operation, { delivery, endedAtMs }: DeliveryEnded): void {
    const { answer, kind, id: deliveryId } = delivery;
    if (!answer || answer.status >= 300 || kind !== 'genuine' || this.open.has(operation.id) || this.isLookedAt(operation)) return;
    this.open.set(operation.id, { operation, deliveryId, receivedAtMs: endedAtMs });
  }

  /** Gives the operations that were accused too early. A call that failed counts as well: the publisher has tried. */
  looked({ route, subscriptionId, operationId, atMs, endedAtMs }: CallEnded): Operation[] {
    if (!route || !this.shows.has(route)) return [];
    this.lastLookAtMs = endedAtMs;
    const subject = operationId ?? subscriptionId;
    if (subject === null) this.allLookedAtMs = atMs;
    else this.forgottenUntilMs = Math.max(this.forgottenUntilMs, this.looks.set(subject, atMs) ?? 0);
    const isMeant = ({ id, subscriptionId: of }: Operation) => subject === null || id === subject || of === subject;
    for (const [id, { operation }] of this.open) if (isMeant(operation)) this.open.delete(id);
    const tooEarly = [...this.accused].map(([, operation]) => operation).filter(isMeant);
    for (const { id } of tooEarly) this.accused.delete(id);
    return tooEarly;
  }

  /** Also true where it cannot be told any more. */
  isLookedAt({ id, subscriptionId, timeStamp }: Operation): boolean {
    const sinceMs = Date.parse(timeStamp);
    const isNew = (atMs: number | undefined) => atMs !== undefined && atMs >= sinceMs;
    return this.looks.has(id) || [this.looks.get(subscriptionId), this.allLookedAtMs, this.forgottenUntilMs].some(isNew);
  }

  /** Nothing more is expected of it. */
  drop(operationId: string): void {
    this.open.delete(operationId);
  }

  overdue(nowMs: number): UnverifiedWebhook[] {
    const overdue: UnverifiedWebhook[] = [];
    for (const [id, belief] of this.open) {
      const waitsSinceMs = Math.max(belief.receivedAtMs, this.lastLookAtMs);
      if (nowMs - waitsSinceMs < limits.verificationMs && nowMs - belief.receivedAtMs < limits.lateVerificationMs) continue;
      this.open.delete(id);
      this.accused.set(id, belief.operation);
      overdue.push(belief);
    }
    return overdue;
  }
}
