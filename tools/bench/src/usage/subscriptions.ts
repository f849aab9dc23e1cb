import { randomUUID } from 'node:crypto';
import {
  encodeMessage,
  meteringEvents,
  partitionOf,
  planRead,
  subscriptionSnapshot,
  subscriptionSnapshots,
  type Draft,
} from '@landfall/contracts';
import { laptopPartitions, until } from '@landfall/local';
import type { Producer } from 'kafkajs';
import { dimension, offer, type UsageSystem } from './usage.system';
import { subscriptionOf } from './usage.records';

const DAY_MS = 86_400_000;

/**
 * Makes so many subscriptions known to billing, which have been active for two days: the first by the messages of the other services, the others as copies of its row, as if
 * they had been told of in the same way.
 */
export async function subscribe({ counters, clock }: UsageSystem, producer: Producer, subscriptions: number): Promise<void> {
  const now = clock.now();
  await tell(producer, subscriptionSnapshots.name, subscriptionSnapshot(stateOf(subscriptionOf(0), now), { sequence: 1 }));
  await until(async () => (await counters.query(`select from billing.subscriptions where version > 0`)).length === 1);
  await tell(producer, meteringEvents.name, ratesOf(subscriptionOf(0), now));
  const wanted = `select from billing.subscriptions where rates <> '{}' and look_at is null`;
  await until(async () => (await counters.query(wanted)).length === 1);
  await counters.query(
    `insert into billing.subscriptions (id, publisher_id, offer_id, is_preview, version, timeline, rates)
     select md5('usage ' || n)::uuid, publisher_id, offer_id, is_preview, version, timeline, rates
       from billing.subscriptions cross join generate_series(1, $1::int - 1) n`,
    [subscriptions],
  );
  await counters.query('vacuum analyze billing.subscriptions');
}

function stateOf(subscriptionId: string, now: number) {
  const day = (days: number) => new Date(now + days * DAY_MS).toISOString().slice(0, 10);
  const person = { tenantId: randomUUID(), objectId: randomUUID() };
  return {
    ...{ subscriptionId, ...offer, isPreview: false, quantity: null, status: 'Subscribed' as const, autoRenew: true, isFreeTrial: false },
    term: { termUnit: 'P1M', startDate: day(-2), endDate: day(27), chargeDuration: null },
    ...{ allowedCustomerOperations: ['Read'], privateOfferId: null, purchasedAt: new Date(now - 2 * DAY_MS).toISOString() },
    ...{ beneficiary: person, purchaser: person, stage: 'done' as const, access: 'full' as const, version: 1, imported: false },
    current: { planId: offer.planId, quantity: null, status: 'Subscribed' as const },
    ...{ effectiveAt: new Date(now - 2 * DAY_MS).toISOString(), observedAt: new Date(now).toISOString() },
    cause: { source: 'webhook' as const },
  };
}

/** Nothing is included, and a unit costs a cent. */
const ratesOf = (subscriptionId: string, now: number): Draft =>
  planRead({
    ...{ subscriptionId, planId: offer.planId, isListed: true, date: new Date(now).toISOString() },
    dimensions: [{ dimension, pricePerUnit: '0.01', currency: 'USD', unitOfMeasure: 'e-mail' }],
    terms: [{ termUnit: 'P1M', included: [{ dimension, units: '0' }] }],
  });

async function tell(producer: Producer, topic: string, draft: Draft): Promise<void> {
  const value = encodeMessage({
    ...draft,
    ...{ id: randomUUID(), source: 'landfall/bench', time: new Date().toISOString(), epoch: 0, correlationId: randomUUID() },
  });
  const partition = partitionOf(draft.key, laptopPartitions);
  await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages: [{ key: draft.key, partition, value }] }] });
}
