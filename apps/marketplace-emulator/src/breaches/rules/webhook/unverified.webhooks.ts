import { limits } from '../../../limits';
import type { Operation } from '../../../operation/operation';
import type { CallEnded, DeliveryEnded } from '../../fact';
import { BoundedMap } from '../../bounded.map';

/** A webhook that the publisher has accepted without reading anything about it so far. */
export interface UnverifiedWebhook {
  operation: Operation;
  deliveryId: string;
  receivedAtMs: number;
}

/**
 * Waits for the call that shows that the publisher verifies a webhook before it acts on it. A publisher that reads other operations is only
 * behind with its work, so it gets longer; and what was reported too early is taken back when the read comes after all.
 */
export class UnverifiedWebhooks {
  private readonly open = new BoundedMap<UnverifiedWebhook>();
  private readonly reported = new BoundedMap<Operation>();
  /** When something was read on the emulator's clock, by the id of an operation or a subscription. */
  private readonly reads = new BoundedMap<number>();
  /** Reads before that may have fallen out of `reads`. */
  private unknownUntilMs = 0;
  private allReadAtMs = 0;
  private lastReadAtMs = 0;

  /** @param shows the routes whose answers show what is true */
  constructor(private readonly shows: ReadonlySet<string>) {}

  received(operation: Operation, { delivery, endedAtMs }: DeliveryEnded): void {
    const { answer, kind, id: deliveryId } = delivery;
    if (!answer || answer.status >= 300 || kind !== 'genuine' || this.open.has(operation.id) || this.isRead(operation)) return;
    this.open.set(operation.id, { operation, deliveryId, receivedAtMs: endedAtMs });
  }

  /** @returns the operations that were reported too early. A call that failed counts as well: the publisher has tried. */
  read({ route, subscriptionId, operationId, atMs, endedAtMs }: CallEnded): Operation[] {
    if (!route || !this.shows.has(route)) return [];
    this.lastReadAtMs = endedAtMs;
    const subject = operationId ?? subscriptionId;
    if (subject === null) this.allReadAtMs = atMs;
    else this.unknownUntilMs = Math.max(this.unknownUntilMs, this.reads.set(subject, atMs) ?? 0);
    const isMeant = ({ id, subscriptionId: of }: Operation) => subject === null || id === subject || of === subject;
    for (const [id, { operation }] of this.open) if (isMeant(operation)) this.open.delete(id);
    const tooEarly = [...this.reported].map(([, operation]) => operation).filter(isMeant);
    for (const { id } of tooEarly) this.reported.delete(id);
    return tooEarly;
  }

  /** Also true where it is not known any more. */
  isRead({ id, subscriptionId, timeStamp }: Operation): boolean {
    const sinceMs = Date.parse(timeStamp);
    const isNew = (atMs: number | undefined) => atMs !== undefined && atMs >= sinceMs;
    return this.reads.has(id) || [this.reads.get(subscriptionId), this.allReadAtMs, this.unknownUntilMs].some(isNew);
  }

  /** Nothing more is expected of it. */
  drop(operationId: string): void {
    this.open.delete(operationId);
  }

  overdue(nowMs: number): UnverifiedWebhook[] {
    const overdue: UnverifiedWebhook[] = [];
    for (const [id, webhook] of this.open) {
      const waitsSinceMs = Math.max(webhook.receivedAtMs, this.lastReadAtMs);
      if (nowMs - waitsSinceMs < limits.verificationMs && nowMs - webhook.receivedAtMs < limits.lateVerificationMs) continue;
      this.open.delete(id);
      this.reported.set(id, webhook.operation);
      overdue.push(webhook);
    }
    return overdue;
  }
}
