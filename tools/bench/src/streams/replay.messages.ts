import { randomUUID } from 'node:crypto';
import { DEFAULT_REGISTRATION, encodeMessage, operationVerified, partitionOf } from '@landfall/contracts';
import { laptopPartitions } from '@landfall/local';
import type { Order } from '../load/load.protocol';
import { operationId, subscriptionId } from '../microsoft/operation.id';
import { after, offer, plans, shownSubscription, type Held } from '../microsoft/purchased';

export interface Prepared {
  readonly operationId: string;
  readonly key: string;
  readonly value: string;
  readonly partition: number;
}

/** Of one subscription so far apart that Microsoft's clock orders them without doubt (rule 4). */
const apartMs = 60_000;
/** Above every number that the service itself draws in a run. */
const firstReadNo = 1_000_000_000;

/** Makes what `fulfillment` says of a suspension or a reinstatement that has happened, and so what `subscription` has to apply, keep and tell. */
export class ReplayMessages {
  private readonly times = new Map<number, number>();
  private readNo = firstReadNo;

  of(orders: readonly Order[]): Prepared[] {
    return orders.map((order) => this.prepare(order));
  }

  private prepare(order: Order): Prepared {
    const { subscription, kind, before } = order;
    const atMs = (this.times.get(subscription) ?? Date.now()) + apartMs;
    this.times.set(subscription, atMs);
    const id = operationId({ ...order, atMs });
    const time = new Date(atMs).toISOString();
    const data = operationVerified({
      ...{ subscriptionId: subscriptionId(subscription), operationId: id, action: kind, source: 'Azure', planId: null, quantity: null },
      ...{ timeStamp: time, isRevert: false, registration: DEFAULT_REGISTRATION, operationDate: time, seenOpenAt: null },
      operationStatus: 'Succeeded',
      read: { snapshot: snapshotOf(subscription, after(before, order)), readNo: (this.readNo += 1), date: time },
    });
    const envelope = { id: randomUUID(), source: 'landfall/fulfillment', time, epoch: 0, correlationId: randomUUID() };
    return {
      operationId: id,
      key: data.key,
      value: encodeMessage({ ...data, ...envelope }),
      partition: partitionOf(data.key, laptopPartitions),
    };
  }
}

/** As `fulfillment` reads what the stub shows. */
function snapshotOf(index: number, held: Held) {
  const { id, beneficiary, purchaser, term, autoRenew, isFreeTrial, allowedCustomerOperations, created } = shownSubscription(index, held);
  const personOf = ({ tenantId, objectId }: typeof beneficiary) => ({ tenantId, objectId });
  return {
    ...{ subscriptionId: id, ...offer, isPreview: false, planId: plans[held.plan]!, quantity: held.quantity, status: held.status },
    ...{ autoRenew, isFreeTrial, allowedCustomerOperations, purchasedAt: created },
    term: { termUnit: term.termUnit, startDate: term.startDate.slice(0, 10), endDate: term.endDate.slice(0, 10) },
    beneficiary: personOf(beneficiary),
    purchaser: personOf(purchaser),
  };
}
